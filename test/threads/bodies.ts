/** Bodies that do to their thread what an actor should not. */

import { setImmediate as nextRound } from 'node:timers/promises';
import { resourceLimits } from 'node:worker_threads';
import { type Actor, type Message, type Pid, portable, type ReplyTo, type Self } from 'beamish';

/** How a thread can die by what runs in it. */
export const ENDS = ['throw', 'reject', 'exit', 'exit 3', 'abrupt'] as const;
export type End = (typeof ENDS)[number] | 'throw in a timer' | 'loop' | 'memory';

/** Sends so many numbers, and then brings its thread down. */
export const wrecker = portable(
  import.meta,
  'wrecker',
  function* wrecker(self: Self, to: Pid<Message>, count: number, end: End): Actor {
    yield* self.yield();
    for (let n = 0; n < count; n++) self.send(to, { tag: 'number', n } as Message);
    if (end === 'loop' || end === 'memory') yield* self.sleep(20);
    switch (end) {
      case 'throw':
        setImmediate(() => {
          throw new RangeError('outside any actor');
        });
        break;
      case 'throw in a timer':
        setTimeout(() => {
          throw new RangeError('outside any actor');
        }, 1);
        break;
      case 'reject':
        setImmediate(() => void Promise.reject(new TypeError('nobody caught it')));
        break;
      case 'exit':
        setImmediate(() => process.exit());
        break;
      case 'exit 3':
        setImmediate(() => process.exit(3));
        break;
      case 'abrupt':
        // Before what was sent could leave.
        return process.exit(4);
      case 'loop':
        while (performance.now() > 0);
        break;
      case 'memory':
        hoard();
    }
    yield* self.receive('never' as never);
  },
);

/** Tells what memory its thread may have. */
export const limited = portable(
  import.meta,
  'limited',
  function* limited(self: Self, to: Pid<Message>): Actor {
    self.send(to, { tag: 'limits', ...resourceLimits } as Message);
  },
);

/** Linked objects: of all that runs out of memory, what ends the thread alone. */
function hoard(): void {
  interface Hoard {
    readonly next: Hoard | undefined;
    readonly ballast: readonly number[];
  }
  let hoard: Hoard | undefined;
  for (;;) hoard = { next: hoard, ballast: new Array(50).fill(1.5) };
}

/** Keeps its thread busy for so long whenever it gets a message, and counts. */
export const slow = portable(
  import.meta,
  'slow',
  function* slow(
    self: Self<Message | { tag: 'count'; replyTo: ReplyTo<number> }>,
    busyMs: number,
  ): Actor {
    for (let count = 0; ; count++) {
      const message = yield* self.receive();
      if (message.tag === 'count') {
        self.send((message as { replyTo: ReplyTo<number> }).replyTo, count);
        return;
      }
      const until = performance.now() + busyMs;
      while (performance.now() < until);
    }
  },
);

/** Takes what has the tag `wanted`, and leaves the rest. */
export const choosy = portable(
  import.meta,
  'choosy',
  function* choosy(self: Self<Message>, to: Pid<Message>): Actor {
    for (;;) self.send(to, yield* self.receive('wanted'));
  },
);

/** Places in a gate: whether it is open, and whether an actor stands there. */
const OPEN = 0;
const REACHED = 1;

/** For `heldUp`. */
export function closedGate(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** Holds its thread up until the gate is opened, and takes messages then. */
export const heldUp = portable(
  import.meta,
  'heldUp',
  function* heldUp(self: Self<Message>, gate: SharedArrayBuffer): Actor {
    const state = new Int32Array(gate);
    Atomics.store(state, REACHED, 1);
    Atomics.wait(state, OPEN, 0);
    for (;;) yield* self.receive();
  },
);

export function openGate(gate: SharedArrayBuffer): void {
  const state = new Int32Array(gate);
  Atomics.store(state, OPEN, 1);
  Atomics.notify(state, OPEN);
}

/** Resolves once an actor stands at the gate, and what its thread had sent until then has come. */
export async function reached(gate: SharedArrayBuffer): Promise<void> {
  const state = new Int32Array(gate);
  while (Atomics.load(state, REACHED) === 0) await nextRound();
  // What was sent before is taken in the next round of the event loop.
  await nextRound();
  await nextRound();
}

interface Echo extends Message {
  readonly tag: 'echo';
  readonly value: number;
  readonly replyTo: ReplyTo<number>;
}

/** Answers what it is asked. */
export const echoing = portable(import.meta, 'echoing', function* echoing(self: Self<Echo>): Actor {
  for (;;) {
    const { replyTo, value } = yield* self.receive('echo');
    self.send(replyTo, value);
  }
});
