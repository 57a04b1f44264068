/** Selective receive. */

import type { Actor, Message, Self } from 'beamish';
import type { Stage } from '../stage.ts';

/** A message with its place in the mailbox. */
interface Item extends Message {
  readonly tag: 'a' | 'b' | 'c' | 'd' | 'n' | 'x' | 'y' | 'noise' | 'never';
  readonly i: number;
}
type Tag = Item['tag'];

/** Runs an actor that takes items. */
function run(stage: Stage, body: (self: Self<Item>) => Actor): Promise<void> {
  return stage.run('a', body as never);
}

function told(self: Self<Item>, tags: readonly Tag[]): void {
  for (const [i, tag] of tags.entries()) self.send(self.pid, { tag, i: i + 1 });
}

function* rest(stage: Stage, self: Self<Item>): Actor {
  for (;;) {
    const message = (yield* self.receive().after(0)) as Item | undefined;
    if (message === undefined) return stage.say('and no more');
    stage.say('then', message.tag, message.i);
  }
}

function say(stage: Stage, item: Item | undefined, otherwise = 'no'): void {
  if (item === undefined) stage.say(otherwise);
  else stage.say(item.tag, item.i);
}

export function skippedOnesStay(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['a', 'b', 'c', 'd', 'c']);
    say(stage, yield* self.receive('c'));
    say(stage, yield* self.receive('d'));
    yield* rest(stage, self);
  });
}

export function oldestMatchFirst(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['x', 'b', 'a']);
    say(stage, yield* self.receive('a', 'b'));
    yield* rest(stage, self);
  });
}

export function afterZero(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['x']);
    say(stage, yield* self.receive('y').after(0), 'nothing yet');
    told(self, ['y']);
    say(stage, yield* self.receive('y').after(0));
    yield* rest(stage, self);
    say(stage, yield* self.receive('y').after(0), 'empty');
  });
}

export function afterZeroFindsTheLast(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, [...Array<Tag>(50).fill('x'), 'y']);
    say(stage, yield* self.receive('y').after(0));
    stage.say(self.mailbox(self.pid)?.length, 'are left');
  });
}

export function nested(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['n', 'a', 'n', 'b', 'n']);
    say(stage, yield* self.receive('a'));
    say(stage, yield* self.receive('n'));
    say(stage, yield* self.receive('b'));
    yield* rest(stage, self);
  });
}

export function guardsAndOrder(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['n', 'n', 'n', 'n']);
    say(stage, yield* self.receive('n').where(({ i }) => i > 2));
    const above = self.receive('n').where(({ i }) => i > 5);
    say(stage, yield* above.after(0), 'nothing above 5');
    yield* rest(stage, self);
  });
}

export function noiseDoesNotWake(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    for (const ms of [20, 40, 60]) self.sendAfter(ms, self.pid, { tag: 'noise', i: ms });
    say(stage, yield* self.receive('never').after(300), 'time is up');
    yield* rest(stage, self);
  });
}

export function aMatchBeatsTheClock(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['x', 'y']);
    say(stage, yield* self.receive('y').after(60_000), 'time is up');
    self.sendAfter(50, self.pid, { tag: 'y', i: 9 });
    say(stage, yield* self.receive('y').after(60_000), 'time is up');
    yield* rest(stage, self);
  });
}

export function eachLooksFromTheFront(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['a', 'c', 'b']);
    self.sendAfter(50, self.pid, { tag: 'x', i: 9 });
    say(stage, yield* self.receive('x'));
    say(stage, yield* self.receive('b'));
    say(stage, yield* self.receive('a'));
    self.sendAfter(50, self.pid, { tag: 'y', i: 10 });
    say(stage, yield* self.receive('y', 'n'));
    say(stage, yield* self.receive('c'));
    yield* rest(stage, self);
  });
}

export function aSleepTakesNothing(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    told(self, ['a', 'b']);
    yield* self.sleep(20);
    yield* rest(stage, self);
  });
}

export function signalsAmongMessages(stage: Stage): Promise<void> {
  return run(stage, function* (self) {
    self.trapExit(true);
    told(self, ['a']);
    self.exitSignal(self.pid, 'sig');
    told(self, ['b']);
    yield* self.receive('b');
    stage.say('b first');
    const { reason } = yield* self.receive('EXIT');
    stage.say('EXIT', reason);
    yield* rest(stage, self);
  });
}
