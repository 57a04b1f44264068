/** The first actor of a thread. */

import { type Actor, type Message, portable, type ReplyTo, type Self } from 'beamish';

interface Greet extends Message {
  readonly tag: 'greet';
  readonly replyTo: ReplyTo<string>;
}

export const greeter = portable(
  import.meta,
  'greeter',
  function* greeter(self: Self<Greet>): Actor {
    self.send((yield* self.receive('greet')).replyTo, 'hello');
  },
);
