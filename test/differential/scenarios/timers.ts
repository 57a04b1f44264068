/** Timers. */

import { name, type Self, type Timeout } from 'beamish';
import { type Note, note, type Stage } from '../stage.ts';

function left(ms: number | false): unknown {
  return ms !== false && ms > 0 ? 'some is left' : ms;
}

export function byTime(stage: Stage): Promise<void> {
  return stage.run('a', function* (self) {
    for (const ms of [300, 100, 200, 0]) self.sendAfter(ms, self.pid, note(ms));
    for (let i = 0; i < 4; i++) stage.say((yield* self.receive('note')).what);
  });
}

export function zeroIsLaterToo(stage: Stage): Promise<void> {
  return stage.run('a', function* (self) {
    self.sendAfter(0, self.pid, note('timer'));
    stage.say(self.mailbox(self.pid)?.length, 'at once');
    stage.say((yield* self.receive('note')).what);
  });
}

export async function cancelled(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  const timer = await stage.does(a, (self) => self.sendAfter(60_000, self.pid, note('x')));
  stage.say(left(system.cancelTimer(timer)));
  stage.say(left(system.cancelTimer(timer)));
  stage.say(left(system.readTimer(timer)));
  await stage.mail(a);
}

export async function cancelledTooLate(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const timer = await stage.does(a, (self) => self.sendAfter(10, self.pid, note('x')));
  await stage.wait(100);
  stage.say(left(stage.system.cancelTimer(timer)));
  await stage.mail(a);
}

export async function read(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  const long = system.sendAfter(60_000, a, note('x'));
  const short = system.sendAfter(10, a, note('y'));
  await stage.wait(100);
  stage.say(left(system.readTimer(long)));
  stage.say(left(system.readTimer(long)));
  stage.say(left(system.readTimer(short)));
  await stage.mail(a);
}

export function timeoutMessage(stage: Stage): Promise<void> {
  return stage.run('a', function* (self) {
    const inbox = self as unknown as Self<Timeout<string>>;
    const first = inbox.startTimer(10, inbox.pid, 'x');
    yield* inbox.sleep(100);
    const second = inbox.startTimer(10, inbox.pid, 'x');
    stage.say(left(inbox.cancelTimer(first)));
    const late = yield* inbox.receive('TIMEOUT').where(({ ref }) => ref === second);
    stage.say('second', late.message);
    const early = yield* inbox.receive('TIMEOUT').after(0);
    if (early?.ref === first) stage.say('first', early.message);
    else stage.say('no first');
  });
}

export async function outlivesItsMaker(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(b, (self) => {
    self.sendAfter(50, a, note('x'));
    self.exit('bye');
  });
  await stage.wait(200);
  await stage.mail(a);
}

export async function endsWithItsTarget(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  const timer = system.sendAfter(60_000, a, note('x'));
  await stage.does(a, (self) => self.exit('bye'));
  stage.say(left(system.readTimer(timer)));
  stage.say(left(system.cancelTimer(timer)));
  stage.say(left(system.readTimer(system.sendAfter(60_000, a, note('x')))));
}

export async function toAName(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  system.register('alpha', a);
  system.sendAfter(50, name<Note>('alpha'), note('x'));
  system.unregister('alpha');
  system.register('alpha', b);
  await stage.wait(200);
  await stage.mail(a);
  await stage.mail(b);
}

export async function cancelledByAnother(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const timer = await stage.does(a, (self) => self.sendAfter(60_000, self.pid, note('x')));
  await stage.does(b, (self) => stage.say(left(self.cancelTimer(timer))));
  await stage.mail(a);
}
