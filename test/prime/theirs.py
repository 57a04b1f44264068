"""A Celery worker that tells whether numbers are prime, and a client that asks: theirs.py DIGITS."""

import os
import sys

from celery import Celery

app = Celery('theirs', broker=os.environ['BROKER'], backend=os.environ['BACKEND'])


@app.task(name='prime.is_prime')
def is_prime(digits):
    number = int(digits)
    prime = number > 1 and all(number % d for d in range(2, int(number ** 0.5) + 1))
    return {'number': number, 'is_prime': prime, 'certainty': 'proven'}


if __name__ == '__main__':
    result = app.send_task('prime.is_prime', args=[sys.argv[1]], queue='prime')
    print(result.get(timeout=60))
