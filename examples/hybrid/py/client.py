"""A Python client: calls the task of Python, and that of JavaScript."""
from tasks import JS_QUEUE, add, app

print("Python to Python: 4 + 2 =", add.delay(4, 2).get(timeout=30), flush=True)
js_add = app.signature("js_workers.tasks.example.arithmetic.add", queue=JS_QUEUE)
print("Python to JavaScript: 2 + 2 =", js_add.delay(2, 2).get(timeout=30), flush=True)
