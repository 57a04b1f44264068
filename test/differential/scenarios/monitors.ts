/** Monitors. */

import { type ExitReason, name, type Ref, shutdown, type Target } from 'beamish';
import type { Puppet, Stage } from '../stage.ts';

function ends(stage: Stage, pid: Puppet, reason: ExitReason): Promise<void> {
  return stage.does(pid, (self) => self.exit(reason));
}

function watches(stage: Stage, watcher: Puppet, target: Target): Promise<Ref> {
  return stage.does(watcher, (self) => self.monitor(target));
}

export async function everyReason(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const all: readonly Parameters<Stage['does']>[1][] = [
    (self) => self.exit('normal'),
    (self) => self.exit('shutdown'),
    (self) => self.exit(shutdown('x')),
    (self) => self.exit('kill'),
    (self) => self.exitSignal(self.pid, 'kill'),
    (self) => self.exit(['a', 'b']),
    () => {
      throw new Error('oops');
    },
    () => {
      throw 'ball';
    },
  ];
  for (const end of all) {
    const b = await stage.actor('b');
    await watches(stage, a, b);
    await stage.does(b, end);
    await stage.mail(a);
  }
}

export async function ofTheDead(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await ends(stage, b, 'gone');
  await watches(stage, a, b);
  await stage.mail(a);
}

export async function several(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  for (let i = 0; i < 3; i++) await watches(stage, a, b);
  await ends(stage, b, 'r');
  await stage.mail(a);
}

export async function oneWay(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await watches(stage, a, b);
  await ends(stage, a, 'bad');
  await stage.fate(b);
  stage.say('watched by', stage.system.info(b)?.monitoredBy.length);
}

export async function once(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await watches(stage, a, b);
  await ends(stage, b, 'r');
  await stage.mail(a);
  await stage.mail(a);
}

export async function givenUpBefore(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(a, (self) => self.demonitor(self.monitor(b)));
  await ends(stage, b, 'r');
  await stage.mail(a);
}

export async function givenUpAfter(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const ref = await watches(stage, a, b);
  await ends(stage, b, 'r');
  await stage.does(a, (self) => self.demonitor(ref));
  await stage.mail(a);
}

export async function givenUpWithFlush(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const ref = await watches(stage, a, b);
  const kept = await stage.actor('c');
  await watches(stage, a, kept);
  await ends(stage, b, 'r');
  await ends(stage, kept, 'r');
  await stage.does(a, (self) => self.demonitor(ref, { flush: true }));
  await stage.mail(a);
}

export async function whatDemonitorSays(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const says = (ref: Ref, flush: boolean) =>
    stage.does(a, (self) => stage.say(self.demonitor(ref, { flush })));
  const first = await watches(stage, a, b);
  await says(first, false);
  await says(first, false);
  const second = await watches(stage, a, b);
  const third = await watches(stage, a, b);
  await ends(stage, b, 'r');
  await says(second, false);
  await says(third, true);
  await stage.mail(a);
}

export async function notOfAnother(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const c = await stage.actor('c');
  const ref = await watches(stage, a, b);
  await stage.does(c, (self) => self.demonitor(ref));
  await ends(stage, b, 'r');
  await stage.mail(a);
}

export async function ofOneself(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await watches(stage, a, a);
  await watches(stage, a, b);
  await stage.mail(a);
  await ends(stage, b, 'r');
  await stage.mail(a);
}

export async function byName(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  stage.system.register('beta', b);
  await watches(stage, a, name('beta'));
  await ends(stage, b, 'r');
  await stage.mail(a);
}

export async function byNameOfNobody(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  await watches(stage, a, name('nobody'));
  await stage.mail(a);
}

export async function aNameIsLookedUpOnce(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const c = await stage.actor('c');
  stage.system.register('beta', b);
  await watches(stage, a, name('beta'));
  stage.system.unregister('beta');
  stage.system.register('beta', c);
  await ends(stage, c, 'not_watched');
  await stage.mail(a);
  await ends(stage, b, 'watched');
  await stage.mail(a);
}

export async function allHearTheSame(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const c = await stage.actor('c');
  const b = await stage.actor('b');
  await watches(stage, a, b);
  await watches(stage, c, b);
  await ends(stage, b, shutdown('x'));
  await stage.mail(a);
  await stage.mail(c);
}
