"""The Python side: one task, for whoever calls it."""
import os

from celery import Celery

PY_QUEUE = os.environ.get("PY_QUEUE", "py-queue")
JS_QUEUE = os.environ.get("JS_QUEUE", "js-queue")
BROKER = os.environ.get("BROKER", "amqp://guest:guest@localhost:5672//")
BACKEND = os.environ.get("BACKEND", "rpc://")

app = Celery("py_workers", broker=BROKER, backend=BACKEND)
app.conf.task_default_queue = PY_QUEUE


@app.task(name="py_workers.tasks.example.arithmetic.add")
def add(a, b):
    return a + b
