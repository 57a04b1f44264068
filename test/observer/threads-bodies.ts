/** What runs in the threads of the tests. */

import { type Actor, type Message, type Pid, portable, type ReplyTo, type Self } from 'beamish';

export interface Sum extends Message {
  readonly tag: 'sum';
  readonly n: number;
  readonly replyTo: ReplyTo<number>;
}
export interface Loop extends Message {
  readonly tag: 'loop';
  readonly ms: number;
}
export interface Hold extends Message {
  readonly tag: 'hold';
  readonly bell: Int32Array;
}
export interface Crowd extends Message {
  readonly tag: 'crowd';
  readonly count: number;
}
export interface Ask extends Message {
  readonly tag: 'ask';
  readonly other: Pid<Sum>;
}

function* idle(self: Self<Message>): Actor {
  yield* self.receive('never' as never);
}

export const summer = portable(
  import.meta,
  'summer',
  function* summer(self: Self<Sum | Loop | Hold | Crowd | Ask>): Actor {
    for (;;) {
      const message = yield* self.receive('sum', 'ask', 'loop', 'hold', 'crowd');
      if (message.tag === 'sum') {
        let sum = 0;
        for (let i = 1; i <= message.n; i++) sum += i;
        self.send(message.replyTo, sum);
      } else if (message.tag === 'ask') {
        yield* self.call(message.other, { tag: 'sum', n: 3 }).within('infinity');
      } else if (message.tag === 'crowd') {
        for (let i = 0; i < message.count; i++) self.spawn(idle);
      } else if (message.tag === 'hold') {
        Atomics.wait(message.bell, 0, 0);
      } else {
        const until = performance.now() + message.ms;
        while (performance.now() < until);
      }
    }
  },
);

/** Sends so many bytes to another, and offers them to be moved. */
export const mover = portable(
  import.meta,
  'mover',
  function* mover(self: Self<Message>, to: Pid<Sum>, isMoved: boolean): Actor {
    const bytes = new Uint8Array(2 * 1024 * 1024);
    const message = { tag: 'bytes', bytes } as never;
    if (isMoved) yield* self.offer(to, message, { transfer: [bytes.buffer] });
    else self.send(to, message);
    yield* self.receive('never' as never);
  },
);

export const crasher = portable(
  import.meta,
  'crasher',
  function* crasher(self: Self<Message>): Actor {
    yield* self.receive('work' as never);
    throw new Error('Broke in a thread at 3');
  },
);
