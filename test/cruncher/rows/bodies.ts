/** Actors that these tests run in other threads. */

import { type Actor, name, portable, type ReplyTo, type Self } from 'beamish';

export interface Increment {
  readonly tag: 'increment';
}

/** Increments a counter of another system so many times. */
export const incrementer = portable(
  import.meta,
  'incrementer',
  function* incrementer(self: Self, home: string, times: number): Actor {
    const counter = name<Increment>('counter', home);
    for (let i = 0; i < times; i++) self.send(counter, { tag: 'increment' });
  },
);

export interface Take {
  readonly tag: 'take';
  readonly value: unknown;
  readonly replyTo: ReplyTo<unknown>;
}

/** Gives back what it is given. */
export const mirror = portable(import.meta, 'mirror', function* mirror(self: Self<Take>): Actor {
  for (;;) {
    const { value, replyTo } = yield* self.receive('take');
    self.send(replyTo, value);
  }
});
