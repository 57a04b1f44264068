/** The cruncher in small: chunks in memory, who gives them out, who crunches them, and who counts. */

import type { Scenario } from '@beamish/sim';
import { type Actor, child, type Name, name, type Pid, type Self, supervisor } from 'beamish';
import type { Any } from './scenes.ts';

const UPLOADER: Name<Any> = name('uploader');
const STATUS: Name<Any> = name('status');

/** Gives each chunk to a cruncher that is free, and again if that one dies with it. */
function* uploader(self: Self<Any>, waiting: number[]): Actor {
  const free: Pid<Any>[] = [];
  const given = new Map<unknown, number>();
  for (;;) {
    const message = (yield* self.receive('ready', 'DOWN')) as Any;
    if (message.tag === 'DOWN') {
      const gone = message['target'] as Pid<Any>;
      const seq = given.get(gone);
      given.delete(gone);
      const i = free.indexOf(gone);
      if (i >= 0) free.splice(i, 1);
      if (seq !== undefined) waiting.unshift(seq);
    } else {
      const cruncher = message['cruncher'] as Pid<Any>;
      if (!given.delete(cruncher)) self.monitor(cruncher as Pid);
      free.push(cruncher);
    }
    while (waiting.length > 0 && free.length > 0) {
      const [seq, cruncher] = [waiting.shift() as number, free.shift() as Pid<Any>];
      given.set(cruncher, seq);
      self.send(cruncher, { tag: 'crunch', seq });
    }
  }
}

function* cruncher(self: Self<Any>): Actor {
  for (;;) {
    self.send(UPLOADER, { tag: 'ready', cruncher: self.pid });
    const { seq } = yield* self.receive('crunch');
    self.send(STATUS, { tag: 'crunched', seq });
  }
}

/** So many chunks and crunchers; in the end each chunk has been counted once. */
export function crunching(chunks: number, crunchers: number): Scenario<Any> {
  return function* scenario(self, { eventually }) {
    const counted: unknown[] = [];
    const all = Array.from({ length: chunks }, (_, seq) => seq);
    eventually('each chunk is counted once', () => String(counted.sort()) === String(all));
    const status = self.spawn(function* status(its: Self<Any>): Actor {
      for (;;) counted.push((yield* its.receive('crunched'))['seq']);
    });
    self.register(STATUS.name, status as Pid<never>);
    self.register(UPLOADER.name, self.spawn(uploader, [...all]) as Pid<never>);
    const ids = Array.from({ length: crunchers }, (_, n) => `cruncher ${n}`);
    self.spawn(supervisor({ intensity: 5, children: ids.map((id) => child({ id }, cruncher)) }));
  };
}
