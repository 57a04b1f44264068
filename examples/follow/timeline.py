"""Fills timelines, in Python: celery -A timeline worker -Q follow.timeline"""

import os
import time

from celery import Celery

app = Celery("follow", broker=os.environ.get("BROKER", "amqp://127.0.0.1"), backend="rpc://")

POSTS = 25
PAGE = 10


@app.task(name="users.timeline")
def timeline(pair):
    for _ in range(0, POSTS, PAGE):
        time.sleep(0.02)
    return {**pair, "posts": POSTS}
