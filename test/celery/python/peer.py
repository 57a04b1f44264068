"""A Celery application for the tests: worker, client and tasks, configured by the environment."""
import os
import time

from celery import Celery, Task, chain, chord, group

app = Celery("peer", broker=os.environ["BROKER"], backend=os.environ["BACKEND"])
app.conf.update(
    task_default_queue=os.environ.get("QUEUE", "celery"),
    broker_transport_options={
        "visibility_timeout": int(os.environ.get("VISIBILITY", "3600")),
        "confirm_publish": os.environ.get("LATE") == "1",
    },
    result_persistent=os.environ.get("LATE") == "1",
    worker_send_task_events=True,
    task_send_sent_event=True,
    result_expires=600,
    worker_hijack_root_logger=False,
    task_acks_late=os.environ.get("LATE") == "1",
    task_reject_on_worker_lost=os.environ.get("LATE") == "1",
)


@app.task(name="peer.add")
def add(a, b):
    return a + b


@app.task(name="peer.echo")
def echo(*args, **kwargs):
    return [list(args), kwargs]


@app.task(name="peer.tsum")
def tsum(values):
    return sum(values)


@app.task(name="peer.fail")
def fail(message):
    raise ValueError(message)


@app.task(name="peer.sleep")
def sleep(seconds):
    time.sleep(seconds)
    return seconds


@app.task(name="peer.progress", bind=True)
def progress(self, n):
    for i in range(n):
        self.update_state(state="PROGRESS", meta={"current": i, "total": n})
        time.sleep(0.05)
    return n


@app.task(name="peer.flaky", bind=True, max_retries=3)
def flaky(self, n):
    if self.request.retries < n:
        raise self.retry(exc=ValueError("not yet"), countdown=0.2)
    return self.request.retries


@app.task(name="peer.replace", bind=True)
def replace(self, n):
    raise self.replace(add.s(n, 100))


@app.task(name="peer.errback")
def errback(request, exc=None, traceback=None):
    return str(request)


@app.task(name="peer.headers", bind=True)
def headers(self):
    return {"x-trace": getattr(self.request, "x-trace", None)}


@app.task(name="peer.request", bind=True)
def request(self):
    r = self.request
    return {"id": r.id, "root": r.root_id, "parent": r.parent_id, "args": r.argsrepr, "retries": r.retries,
            "reply_to": r.reply_to, "origin": r.origin}


@app.task(name="peer.noop", ignore_result=True)
def noop():
    pass


def latencies(count):
    """Milliseconds of each of so many calls, one after the other."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        add.delay(1, 2).get(timeout=30)
        times.append((time.perf_counter() - began) * 1000)
    return times
