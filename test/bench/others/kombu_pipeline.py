"""The pipeline as Kombu does it: a fanout exchange, two crunchers and status, a process each, prefetch 1.

    /usr/bin/python3 kombu_pipeline.py URL PREFIX FOLDER COUNT

Prints documents a second, from the first file name that is published to the last report that status has.
"""

import multiprocessing
import re
import resource
import sys
import time

from kombu import Connection, Exchange, Producer, Queue
from kombu.mixins import ConsumerMixin

URL, PREFIX, FOLDER, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
EMAIL = re.compile(r"[a-zA-Z0-9_.+-]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+")
# What a process takes to import Kombu and begin, which is not counted.
START = resource.getrusage(resource.RUSAGE_SELF).ru_utime
FILES = Exchange(PREFIX + ".files", type="fanout", durable=True)
STATUS = Queue(PREFIX + ".status", durable=True)


def queue_of(name):
    return Queue(PREFIX + "." + name, exchange=FILES, durable=True)


class Cruncher(ConsumerMixin):
    def __init__(self, connection, name):
        self.connection = connection
        self.name = name

    def get_consumers(self, consumer, channel):
        self.producer = Producer(channel)
        return [consumer([queue_of(self.name)], callbacks=[self.crunch], prefetch_count=1)]

    def crunch(self, path, message):
        with open(path) as file:
            found = EMAIL.findall(file.read())
        self.producer.publish(found, routing_key=STATUS.name, declare=[STATUS], delivery_mode=2)
        message.ack()


def crunch(name):
    with Connection(URL) as connection:
        Cruncher(connection, name).run()


class Status(ConsumerMixin):
    def __init__(self, connection):
        self.connection = connection
        self.seen = set()
        self.reports = 0

    def get_consumers(self, consumer, channel):
        return [consumer([STATUS], callbacks=[self.count], prefetch_count=1)]

    def count(self, found, message):
        self.seen.update(found)
        self.reports += 1
        message.ack()
        if self.reports == 2 * COUNT:
            self.should_stop = True


def status(done):
    with Connection(URL) as connection:
        its = Status(connection)
        its.run()
        done.put(len(its.seen))


if __name__ == "__main__":
    names = ("regex", "second")
    with Connection(URL) as connection:
        channel = connection.channel()
        for queue in [queue_of(name) for name in names] + [STATUS]:
            queue(channel).declare()
        done = multiprocessing.Queue()
        workers = [multiprocessing.Process(target=crunch, args=(name,)) for name in names]
        workers.append(multiprocessing.Process(target=status, args=(done,)))
        for worker in workers:
            worker.start()
        time.sleep(2)
        began = time.time()
        # What it took to get there is of no interest.
        started = START
        producer = Producer(channel)
        for i in range(COUNT):
            producer.publish(
                "%s/%d.txt" % (FOLDER, i), exchange=FILES, routing_key="", delivery_mode=2
            )
        seen = done.get()
        took = time.time() - began
        for worker in workers:
            worker.terminate()
            worker.join()
        cpu = sum(
            usage.ru_utime + usage.ru_stime
            for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )
        for queue in [queue_of(name) for name in names] + [STATUS]:
            queue(channel).delete()
        FILES(channel).delete()
    print("%.1f %.1f %d" % (COUNT / took, COUNT / (cpu - started), seen))
