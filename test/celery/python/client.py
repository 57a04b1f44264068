"""Evaluates expressions for a test: one JSON object a line in, one out."""
import json
import sys
import time
import traceback

import peer
from celery.canvas import chunks, xmap, xstarmap
from peer import *  # noqa


def sig(name, *args, **options):
    """A signature of a task of the other side."""
    return app.signature(name, args=args, options=options)


def got(result, timeout=20):
    """What a result is, whatever it is."""
    try:
        return {"value": result.get(timeout=timeout)}
    except Exception as error:
        return {"error": type(error).__name__, "module": type(error).__module__, "args": [str(a) for a in error.args],
                "state": result.state, "traceback": result.traceback}


def restored(id, timeout=20):
    """What each of a saved group results in. They are looked at, since of two results with one id only the first hears of its end."""
    found = app.GroupResult.restore(id)
    end = time.time() + timeout
    while not found.ready() and time.time() < end:
        time.sleep(0.02)
    return found.join(timeout=0.1)


def timed(result):
    began = time.time()
    value = got(result)
    return [value, time.time() - began]


names = {**vars(peer), **globals()}
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"ok": eval(asked["do"], names)}
        text = json.dumps(answer, default=repr)
    except Exception:
        text = json.dumps({"error": traceback.format_exc()})
    print(text, flush=True)
