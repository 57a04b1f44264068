/** Links are a set, and unlink is a promise. */

import type { ExitReason, Message, Pid } from 'beamish';
import type { Puppet, Stage } from '../stage.ts';

function listed(stage: Stage, pid: Pid): void {
  stage.say(pid, 'is linked to', stage.system.info(pid)?.links.length);
}

function ends(stage: Stage, pid: Puppet, reason: ExitReason): Promise<void> {
  return stage.does(pid, (self) => self.exit(reason));
}

export async function aSet(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await stage.does(a, (self) => {
    self.link(b);
    self.link(b);
  });
  await stage.does(b, (self) => self.link(a));
  listed(stage, a);
  await ends(stage, b, 'r');
  await stage.mail(a);
  const c = await stage.actor('c');
  await stage.does(a, (self) => {
    self.link(c);
    self.link(c);
    self.unlink(c);
  });
  listed(stage, c);
  await ends(stage, c, 'r');
  await stage.mail(a);
}

export async function unlinkIsAPromise(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(a, (self) => self.link(b));
  await stage.does(a, (self) => {
    self.unlink(b);
    self.exitSignal(b, 'bad');
  });
  await stage.fate(a);
  await stage.fate(b);
}

export async function whatIsQueuedStays(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await stage.does(a, (self) => self.link(b));
  await ends(stage, b, 'x');
  await stage.does(a, (self) => self.unlink(b));
  await stage.mail(a);
}

export async function signalsAfterUnlink(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await stage.does(a, (self) => self.link(b));
  await stage.does(a, (self) => self.unlink(b));
  await stage.does(b, (self) => {
    self.exitSignal(a, 'hello');
    self.exit('bye');
  });
  await stage.mail(a);
  await stage.fate(b);
}

export async function eitherSideMayUnlink(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(a, (self) => self.link(b));
  await stage.does(b, (self) => self.unlink(a));
  listed(stage, a);
  listed(stage, b);
  await ends(stage, b, 'bad');
  await stage.fate(a);
}

export async function linkAgain(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await stage.does(a, (self) => {
    self.link(b);
    self.unlink(b);
    self.link(b);
  });
  await ends(stage, b, 'r');
  await stage.mail(a);
}

export async function linkToTheDead(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await ends(stage, b, 'gone');
  await stage.does(a, (self) => self.link(b));
  await stage.mail(a);
  listed(stage, a);
}

export async function linkToOneself(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  await stage.does(a, (self) => {
    self.link(self.pid);
    self.unlink(self.pid);
  });
  listed(stage, a);
  await stage.mail(a);
}

export async function unlinkOfWhatIsNoLink(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  const c = await stage.actor('c');
  await ends(stage, c, 'gone');
  await stage.does(a, (self) => {
    self.unlink(b);
    self.unlink(c);
  });
  await stage.mail(a);
  await stage.fate(b);
}

export async function aNormalEndUnlinks(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(a, (self) => self.link(b));
  listed(stage, a);
  await ends(stage, b, 'normal');
  await stage.fate(a);
  listed(stage, a);
}

export async function bothSidesListIt(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const c = await stage.actor('c');
  await stage.does(a, (self) => {
    self.link(b);
    self.link(c);
  });
  for (const pid of [a, b, c]) listed(stage, pid);
}

export async function aRing(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const c = await stage.actor('c');
  const watcher = await stage.actor('watcher');
  await stage.does(a, (self) => self.link(b));
  await stage.does(b, (self) => self.link(c));
  await stage.does(c, (self) => self.link(a));
  await stage.does(watcher, (self) => self.monitor(a));
  await ends(stage, b, 'boom');
  for (const pid of [a, b, c]) await stage.fate(pid);
  await stage.mail(watcher);
}

export async function aMessageLikeASignal(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(b, (self) => {
    const forged = { tag: 'EXIT', from: self.pid, reason: 'kill' };
    self.send(a as unknown as Pid<Message>, forged);
  });
  await stage.mail(a);
  await stage.fate(a);
}
