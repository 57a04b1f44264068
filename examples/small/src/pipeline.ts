/** Numbers through three stages with bounded mailboxes: the fast wait for the slow, and few are in flight. */

import { Readable, Writable } from 'node:stream';
import {
  type Actor,
  ActorSystem,
  configure,
  fromReadable,
  type Pid,
  type Self,
  toWritable,
} from 'beamish';

type Item = { tag: 'item'; n: number } | { tag: 'end' };

const COUNT = 2000;
const bounded = { mailbox: { limit: 16, overflow: 'wait' } } as const;
let [inFlight, most, sum] = [0, 0, 0];

function* count(): Generator<number> {
  for (let n = 1; n <= COUNT; n++) {
    most = Math.max(most, ++inFlight);
    yield n;
  }
}
function write(n: number, _: unknown, done: () => void): void {
  sum += n;
  inFlight--;
  setImmediate(done);
}

const square = configure(function* (self: Self<Item>, next: Pid<Item>): Actor {
  for (;;) {
    const item = yield* self.receive('item', 'end');
    yield* self.offer(next, item.tag === 'end' ? item : { tag: 'item', n: item.n ** 2 });
    if (item.tag === 'end') return;
  }
}, bounded);

const total = configure(function* (self: Self<Item>): Actor {
  const out = toWritable<number>(self, new Writable({ objectMode: true, highWaterMark: 1, write }));
  for (;;) {
    const item = yield* self.receive('item', 'end');
    if (item.tag === 'end') return yield* out.end();
    yield* out.write(item.n);
  }
}, bounded);

await using system = new ActorSystem();
const last = system.spawn(total);
const first = system.spawn(square, last);
await system.run(function* (self: Self): Actor {
  yield* fromReadable(self, Readable.from(count(), { highWaterMark: 1 }), first, (n: number) => ({
    tag: 'item',
    n,
  }));
  yield* self.offer(first, { tag: 'end' });
});
await system.exited(last);
console.log(`sum ${sum}, ${most <= 64 ? 'few' : most} in flight at a time`);
