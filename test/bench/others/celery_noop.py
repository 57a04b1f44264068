"""No-op tasks through RabbitMQ with Celery's own client and worker (prefork, two processes).

Prints how many a second, by the clock on the wall and by processor time, that of the broker left out. With a Redis
for results, a chord instead. `COUNT`, `BROKER`, `QUEUE` and `RESULTS` say what; the queue is deleted at the end.
"""

import json
import os
import subprocess
import sys
import time

from celery import Celery, chord
from kombu import Connection

COUNT, BROKER = int(os.environ["COUNT"]), os.environ["BROKER"]
RESULTS, QUEUE = os.environ.get("RESULTS") or "rpc://", os.environ["QUEUE"]

app = Celery("bench", broker=BROKER, backend=RESULTS)
app.conf.update(
    task_default_queue=QUEUE,
    result_expires=60,
    broker_connection_retry_on_startup=True,
    worker_enable_remote_control=False,
)


@app.task(name="noop", ignore_result=True)
def noop(n):
    return n


@app.task(name="part")
def part(n):
    return n


@app.task(name="count")
def count(numbers):
    return len(numbers)


def seconds(root):
    """Of the processor, of a process and all that it has started."""
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(
            (int(pid), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
        )
    known = {pid: its for siblings in children.values() for pid, its in siblings}
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        total += known.get(pid, 0.0)
        todo += [child for child, _ in children.get(pid, [])]
    return total


def main():
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_noop", "worker", "-c", "2", "-l", "ERROR"]
        + ["-n", f"{QUEUE}@bench", "--without-gossip", "--without-mingle", "--without-heartbeat"],
        cwd=os.path.dirname(os.path.abspath(__file__)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for n in range(20):  # it is there, and everything is loaded
            part.delay(n).get(timeout=60)
        used, ours, began = seconds(worker.pid), time.process_time(), time.monotonic()
        if RESULTS.startswith("redis"):
            result = chord([part.s(n) for n in range(COUNT)])(count.s())
            assert result.get(timeout=300) == COUNT
        else:
            for n in range(COUNT):
                noop.delay(n)
            # Behind all of them; the other process may be at one more.
            part.delay(0).get(timeout=300)
        ms = (time.monotonic() - began) * 1000
        cpu_ms = (seconds(worker.pid) - used + time.process_time() - ours) * 1000
        rates = {"rate": COUNT / ms * 1000, "cpuRate": COUNT / cpu_ms * 1000}
        print(json.dumps({**rates, "ms": ms, "cpuMs": cpu_ms}))
    finally:
        worker.terminate()
        worker.wait()
        with Connection(BROKER) as connection:
            connection.default_channel.queue_delete(QUEUE)


if __name__ == "__main__":
    main()
