"""The pipeline with Kombu, as its manual has it: one process for each role, prefetch 1, nothing confirmed."""

import re
import sys
from kombu import Connection, Consumer, Exchange, Producer, Queue

role, url, prefix, folder, count, prefetch = sys.argv[1:7]
count = int(count)
documents = Exchange(prefix + '.documents', type='fanout', durable=True)
queues = {name: Queue(prefix + '.' + name, documents) for name in ('addresses', 'words')}
status = Queue(prefix + '.status', durable=True)
patterns = {
    'addresses': re.compile(r'[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+'),
    'words': re.compile(r'\w+'),
}


def say(line):
    print(line, flush=True)


with Connection(url) as connection:
    channel = connection.channel()
    for each in [*queues.values(), status]:
        each(channel).declare()
    producer = Producer(channel)
    if role == 'publisher':
        say('ready')
        for _ in sys.stdin:
            for n in range(count):
                producer.publish({'path': '%s/%d.txt' % (folder, n)}, exchange=documents)
            say('done')
    elif role == 'status':
        heard = 0

        def listen(body, message):
            global heard
            heard += 1
            message.ack()
            if heard % (2 * count) == 0:
                say('done')

        consumer = Consumer(channel, [status], callbacks=[listen])
        consumer.qos(prefetch_count=int(prefetch))
        with consumer:
            say('ready')
            while True:
                connection.drain_events()
    else:
        def crunch(body, message):
            with open(body['path']) as file:
                found = len(patterns[role].findall(file.read()))
            producer.publish({'path': body['path'], 'count': found}, routing_key=status.name)
            message.ack()

        consumer = Consumer(channel, [queues[role]], callbacks=[crunch])
        consumer.qos(prefetch_count=int(prefetch))
        with consumer:
            say('ready')
            while True:
                connection.drain_events()
