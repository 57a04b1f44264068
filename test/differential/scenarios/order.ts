/** Order of all signals between two actors. */

import type { Actor, Self } from 'beamish';
import { type Note, note, type Stage } from '../stage.ts';

export async function messageExitMessage(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b', 'traps');
  await stage.does(a, (self) => {
    self.send(b, note('first'));
    self.exitSignal(b, 'sig');
    self.send(b, note('second'));
  });
  await stage.mail(b);
}

export async function fatalExitThenMessage(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = stage.system.spawn(function* (self: Self<Note>): Actor {
    const { what } = yield* self.receive('note');
    stage.say('b', 'handles', what);
  });
  stage.label(b, 'b');
  await stage.does(a, (self) => {
    self.exitSignal(b, 'sig');
    self.send(b, note('never'));
  });
  await stage.fate(b);
}

export async function messagesBeforeDown(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  await stage.does(a, (self) => {
    const { pid } = self.spawnMonitor(function* (b: Self): Actor {
      for (const n of [1, 2, 3]) b.send(a, note(n));
      b.exit('bye');
    });
    stage.label(pid, 'b');
  });
  await stage.mail(a);
}

export async function messagesBeforeExit(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  await stage.does(a, (self) => {
    const pid = self.spawnLink(function* (b: Self): Actor {
      for (const n of [1, 2, 3]) b.send(a, note(n));
      b.exit('bye');
    });
    stage.label(pid, 'b');
  });
  await stage.mail(a);
}

export async function monitorBeforeStop(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = stage.system.spawn(function* (self: Self<Note>): Actor {
    const { what } = yield* self.receive('note');
    self.exit(what);
  });
  stage.label(b, 'b');
  await stage.does(a, (self) => {
    self.monitor(b);
    self.send(b, note('asked'));
    self.monitor(b);
  });
  await stage.mail(a);
  await stage.fate(b);
}
