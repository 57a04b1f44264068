// The surveyor goes through the input ahead of the uploader and adds up the sizes, so that the
// progress line can say how much time is left. Only for people who watch a terminal.

import type { Actor, Self } from 'beamish';
import type { FileSystem } from './file-system.ts';
import { type NamedPath, sizesOf } from './input.ts';
import { STATUS } from './messages.ts';

export function* surveyor(self: Self, paths: readonly NamedPath[], files: FileSystem): Actor {
  const sizes = sizesOf(paths, files);
  for (;;) {
    const size = yield* self.wait(sizes.next());
    if (size.done === true) break;
    self.send(STATUS, { tag: 'size', bytes: size.value });
  }
  self.send(STATUS, { tag: 'sized' });
}
