/**
 * Bytes that the way of a message costs, the message itself apart: all messages are made before. Needs
 * a young generation so large that nothing is collected while it counts. With `recorded`, an observer records
 * all of them. Prints the figures as JSON.
 */

import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { observe } from '@beamish/observer';
import { type Actor, ActorSystem, type Context, type Message, type Pid, type Self } from 'beamish';

/** Messages in a window. */
const MESSAGES = 100_000;
/** The code is optimised in the first; a collection or a compilation can spoil others. The least counts. */
const WINDOWS = 12;
const BURST = 100;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Ping extends Message {
  readonly tag: 'ping';
  readonly from: Pid<Pong>;
}

interface Pong extends Message {
  readonly tag: 'pong';
}

const PONG: Pong = { tag: 'pong' };

function* ponger(self: Self<Ping>): Actor {
  for (;;) {
    const { from } = yield* self.receive('ping');
    self.send(from, PONG);
  }
}

/** Handed over to an actor that waits. */
function* pingPong(self: Context<Pong>, other: Pid<Ping>, ping: Ping): Actor {
  for (let i = 0; i < MESSAGES / 2; i++) {
    self.send(other, ping);
    yield* self.receive('pong');
  }
}

/** What the others would show if there were an object per message. */
function* pingPongWithNewMessages(self: Context<Pong>, other: Pid<Ping>): Actor {
  for (let i = 0; i < MESSAGES / 2; i++) {
    self.send(other, { tag: 'ping', from: self.pid });
    yield* self.receive('pong');
  }
}

/** Through the mailbox, in bursts. */
function* queue(self: Context<Pong>): Actor {
  for (let i = 0; i < MESSAGES; i += BURST) {
    for (let k = 0; k < BURST; k++) self.send(self.pid, PONG);
    for (let k = 0; k < BURST; k++) yield* self.receive('pong');
  }
}

function* sink(self: Self<Pong>): Actor {
  for (;;) yield* self.receive('pong');
}

/** Giving way to the receiver. */
function* offer(self: Context<Pong>, to: Pid<Pong>): Actor {
  for (let i = 0; i < MESSAGES; i++) yield* self.offer(to, PONG);
}

function* figures(self: Self<Pong | Message>): Actor<object> {
  const other = self.spawnLink(ponger);
  const to = self.spawnLink(sink);
  const ping: Ping = { tag: 'ping', from: self.pid };
  const result = {
    pingPong: yield* least(() => pingPong(self, other, ping)),
    queue: yield* least(() => queue(self)),
    offer: yield* least(() => offer(self, to)),
    newMessages: yield* least(() => pingPongWithNewMessages(self, other)),
  };
  // From behind messages of other tags, which stay.
  for (let k = 0; k < BURST / 2; k++) self.send(self.pid, { tag: 'noise' });
  return { ...result, selective: yield* least(() => queue(self)) };
}

function* least(operations: () => Actor): Actor<number> {
  let bytes = Number.POSITIVE_INFINITY;
  for (let window = 0; window < WINDOWS; window++) {
    collect();
    const before = getHeapStatistics().used_heap_size;
    yield* operations();
    bytes = Math.min(bytes, getHeapStatistics().used_heap_size - before);
  }
  return bytes / MESSAGES;
}

const system = new ActorSystem();
if (process.argv[2] === 'recorded') observe(system, { messages: 'always', budget: 1 });
console.log(JSON.stringify(await system.run(figures)));
process.exit();
