// The surveyor goes through the input ahead of the uploader and adds up the sizes, so that the
// progress line can say how much time is left. Only for people who watch a terminal.

import type { Actor, Self } from 'beamish';
import type { FileSystem } from './file-system.ts';
import { type NamedPath, sizesOf } from './input.ts';
import { STATUS } from './messages.ts';

export function* surveyor(self: Self, paths: readonly NamedPath[], files: FileSystem): Actor {
  for (const bytes of sizesOf(paths, files)) {
    self.send(STATUS, { tag: 'size', bytes });
    yield* self.yield();
  }
  self.send(STATUS, { tag: 'sized' });
}
