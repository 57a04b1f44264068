/** Spawning is atomic. */

import type { Actor, Self } from 'beamish';
import { generatorPuppet } from '../../support/puppet.ts';
import type { Puppet, Stage } from '../stage.ts';

const ENDS: readonly ((self: Self) => Actor)[] = [
  function* () {},
  function* (self) {
    self.exit('r');
  },
  function* (self) {
    self.exit('kill');
  },
  function* (self) {
    self.exitSignal(self.pid, 'kill');
  },
  function* () {
    throw new Error('oops');
  },
];

export async function linkedOneEndsAtOnce(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  for (const end of ENDS) {
    await stage.does(a, (self) => stage.label(self.spawnLink(end), 'child'));
    await stage.mail(a);
  }
}

export async function monitoredOneEndsAtOnce(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  for (const end of ENDS) {
    await stage.does(a, (self) => stage.label(self.spawnMonitor(end).pid, 'child'));
    await stage.mail(a);
  }
}

function childOf(stage: Stage, parent: Puppet): Promise<Puppet> {
  return stage.does(parent, (self) => stage.label(self.spawnLink(generatorPuppet), 'child'));
}

export async function theParentEnds(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const child = await childOf(stage, a);
  await stage.does(a, (self) => self.exit('bad'));
  await stage.fate(child);
}

export async function theParentEndsNormally(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const child = await childOf(stage, a);
  await stage.does(a, (self) => self.exit('normal'));
  await stage.fate(a);
  await stage.fate(child);
}

export async function aCrashTouchesNoParent(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  await stage.does(a, (self) =>
    self.spawn(function* (): Actor {
      throw new Error('oops');
    }),
  );
  await stage.mail(a);
  await stage.fate(a);
}

export async function theFlagIsNotInherited(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const child = await childOf(stage, a);
  await stage.does(child, (self) => stage.say(self.trapExit(true), self.trapExit(false)));
  await stage.does(a, (self) => self.exitSignal(child, 'stop'));
  await stage.fate(child);
  await stage.mail(a);
}

export async function anEndOfEveryKind(stage: Stage): Promise<void> {
  for (const end of ENDS) {
    const a = await stage.actor('a');
    await stage.does(a, (self) => self.spawnLink(end));
    await stage.fate(a);
  }
}
