/** State machines. */

import { type ReplyTo, shutdown } from 'beamish';
import {
  type Act,
  type CallAct,
  called,
  type Doings,
  type Its,
  machine,
  type State,
  startMachine,
} from '../machine.ts';
import { KINDS, note, type Stage } from '../stage.ts';

const keep: Act = () => undefined;
const repeat: Act = (self) => self.repeat();
const go =
  (state: State): Act =>
  (self) =>
    self.next(state);
/** Postpones in these states. */
const postpone =
  (...states: State[]): Act =>
  (self) =>
    states.includes(self.state) ? self.postpone() : self.keep();

/** A machine, and casts to it. */
async function begun(stage: Stage, doings: Doings = {}) {
  const pid = await startMachine(stage, 'machine', doings);
  return { pid, cast: (what: unknown, act: Act) => stage.system.cast(pid, 'do', what, act) };
}

export async function changes(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('same', go('a'));
  cast('other', go('b'));
  cast('keep', keep);
  cast('repeat', repeat);
  cast('back', go('a'));
  await stage.fate(pid);
}

export async function postpones(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  for (const what of ['x', 'y']) cast(what, postpone('a', 'b'));
  cast('keep', keep);
  cast('same', go('a'));
  cast('repeat', repeat);
  cast('change', go('b'));
  cast('back', go('a'));
  cast('change', go('c'));
  cast('later', keep);
  await stage.fate(pid);
}

export async function postponesAndChanges(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('p', postpone('a'));
  cast('go', (self) =>
    self.state === 'a' ? self.next('b').postpone().nextEvent('own', 'i') : self.keep(),
  );
  cast('q', keep);
  await stage.fate(pid);
}

export async function inserts(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('first', (self) => self.nextEvent('own', 'i1').nextEvent('own', 'i2'));
  cast('second', (self) =>
    self.nextEvent('own', 'i3', (its) => its.nextEvent('own', 'i4')).nextEvent('own', 'i5'),
  );
  cast('q', keep);
  await stage.fate(pid);
}

export async function orderAfterAChange(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('p', postpone('a'));
  cast('go', (self) => self.next('b').stateTimeout(0, 't').nextEvent('own', 'i'));
  cast('q', keep);
  await stage.fate(pid);
}

export async function noTime(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('set', (self) =>
    self.timeout('n', 0, 'x').stateTimeout(0, 'y').nextEvent('own', 'i').timeout('m', 0, 'z'),
  );
  cast('q', keep);
  await stage.settle();
  cast('event', (self) => self.eventTimeout(0, 'x').stateTimeout(0, 'y'));
  await stage.settle();
  cast('no_event', (self) => self.stateTimeout(0, 'y').eventTimeout(0, 'x'));
  await stage.settle();
  cast('changed', (self) => self.next('b').stateTimeout(0, 'y'));
  await stage.settle();
  cast('lost', (self) => self.stateTimeout(0, 'x').nextEvent('own', 'go', go('c')));
  await stage.fate(pid);
}

export async function eventTimeouts(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('alone', (self) => self.eventTimeout(20, 'x'));
  await stage.wait(200);
  cast('disturbed', (self) => self.eventTimeout(100, 'x'));
  stage.system.send(pid, note('y'));
  await stage.wait(200);
  cast('inserted', (self) => self.eventTimeout(20, 'x').nextEvent('own', 'i'));
  await stage.wait(200);
  cast('other', (self) => self.eventTimeout(100, 'x').stateTimeout(20, 'y'));
  await stage.wait(200);
  cast('shorthand', (self) => self.eventTimeout(20));
  await stage.wait(200);
  await stage.fate(pid);
}

export async function stateTimeouts(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('set', (self) => self.stateTimeout(100, 'x'));
  cast('noise', keep);
  cast('same', go('a'));
  cast('repeat', repeat);
  await stage.wait(300);
  cast('set', (self) => self.stateTimeout(100, 'x'));
  cast('go', (self) => self.next('b').stateTimeout(200, 'new'));
  await stage.wait(400);
  await stage.fate(pid);
}

export async function namedTimeouts(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('set', (self) => self.timeout('n', 200, 'x').timeout('m', 300, 'y'));
  cast('go', go('b'));
  await stage.wait(100);
  cast('again', (self) => self.timeout('n', 400, 'z'));
  await stage.wait(600);
  await stage.fate(pid);
}

export async function takenBack(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  for (const how of ['cancel', 'infinity'] as const) {
    cast('set', (self) => self.stateTimeout(50, 'x').timeout('n', 50, 'x').eventTimeout(50, 'x'));
    cast(how, (self) => self.stateTimeout(how).timeout('n', how).timeout('m', how));
    await stage.wait(200);
  }
  await stage.fate(pid);
}

export async function updated(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('set', (self) => self.stateTimeout(100, 'x').timeout('n', 200, 'x'));
  cast('update', (self) => self.stateTimeout('update', 'y').timeout('n', 'update', 'y'));
  await stage.wait(400);
  cast('nothing', (self) => self.timeout('n', 'update', 'z'));
  cast('q', keep);
  await stage.fate(pid);
}

export async function lastOfAKind(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('set', (self) => self.stateTimeout(20, 'x').stateTimeout(100, 'y'));
  await stage.wait(300);
  cast('zero', (self) => self.stateTimeout(0, 'x').timeout('n', 0, 'y').stateTimeout(0, 'z'));
  await stage.settle();
  cast('update', (self) => self.stateTimeout(100, 'x').stateTimeout('update', 'y'));
  cast('q', keep);
  await stage.wait(300);
  await stage.fate(pid);
}

export async function lateTimeouts(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage);
  cast('set', (self) => self.stateTimeout(100, 'x').timeout('n', 100, 'x'));
  cast('slow', function* (self) {
    yield* self.sleep(300);
    return self.next('b');
  });
  await stage.wait(50);
  cast('before', keep);
  await stage.wait(200);
  cast('next', keep);
  await stage.wait(200);
  cast('set', (self) => self.eventTimeout(100, 'x'));
  await stage.settle();
  cast('slow', function* (self) {
    yield* self.sleep(300);
  });
  await stage.wait(600);
  await stage.fate(pid);
}

export async function entering(stage: Stage): Promise<void> {
  const { pid, cast } = await begun(stage, {
    init: (self) => self.next('b').nextEvent('own', 'i').stateTimeout(0, 'x'),
    enter(self) {
      if (self.state !== 'c') return self.keep();
      const times = stage.count('c');
      if (times === 1) return self.repeat().stateTimeout(0, 'once');
      return times === 2 ? self.timeout('n', 0, 'twice') : self.stop('why');
    },
  });
  cast('go', (self) => self.next('c').timeout('m', 0, 'x').nextEvent('own', 'j'));
  cast('back', go('a'));
  cast('go', go('c'));
  cast('never', keep);
  await stage.wait(200);
  await stage.fate(pid);
}

export async function calls(stage: Stage): Promise<void> {
  const { pid } = await begun(stage);
  await stage.run('caller', function* (self) {
    const call = (act: CallAct, ms?: number) => called(stage, self, pid, act, ms);
    yield* call((its, from) => its.reply(from, 'at_once'));
    self.cast(pid, 'do', 'later', (its) => its.stateTimeout(50, 'x'));
    self.spawn(function* (other) {
      yield* other.sleep(100);
      other.cast(pid, 'do', 'go', go('b'));
    });
    yield* call((its, from) => (its.state === 'a' ? its.postpone() : its.reply(from, its.state)));
    yield* call(keep, 50);
    yield* call((its) => its.exit('bye'));
    yield* call(keep);
  });
  await stage.fate(pid);
}

export async function replies(stage: Stage): Promise<void> {
  const { pid } = await begun(stage);
  await stage.run('caller', function* (self) {
    let first: ReplyTo<unknown> | undefined;
    const one = self.request(pid, 'do', (_: Its, from: ReplyTo<unknown>) => {
      first = from;
    });
    const two = self.request(pid, 'do', (its: Its, from: ReplyTo<unknown>) =>
      its
        .next('b')
        .nextEvent('own', 'i')
        .reply(first as ReplyTo<unknown>, 'r')
        .reply(from, 'ry'),
    );
    stage.say(yield* one.reply(), yield* two.reply());
    yield* called(stage, self, pid, (its, from) => its.stop('why').reply(from, 'bye'));
  });
  await stage.fate(pid);
}

export async function givesUp(stage: Stage): Promise<void> {
  const { pid } = await begun(stage);
  stage.system.spawn(function* (self) {
    yield* self.sleep(100);
    self.cast(pid, 'do', 'go', go('b'));
  });
  await stage.run('a', function* (self) {
    const act: CallAct = (its, from) =>
      its.state === 'a' ? its.postpone() : its.reply(from, 'late');
    yield* called(stage, self, pid, act, 50);
    yield* self.sleep(200);
    if (self.mailbox(self.pid)?.length === 0) stage.say('a gets nothing');
  });
  await stage.fate(pid);
}

export async function ends(stage: Stage): Promise<void> {
  const endings: readonly Act[] = [
    (self) => self.stop(),
    (self) => self.stop('bye'),
    (self) => self.stop(shutdown('x')),
    (self) => self.exit('bye'),
  ];
  for (const ending of endings) {
    const { pid, cast } = await begun(stage);
    cast('go', go('b'));
    cast('ends', ending);
    cast('never', keep);
    await stage.fate(pid);
  }
}

export async function parentEnds(stage: Stage): Promise<void> {
  for (const kind of KINDS.toReversed()) {
    for (const reason of ['shutdown', 'other', 'kill']) {
      stage.say('parent ends with', reason, 'and the machine is', kind);
      const parent = await stage.actor('parent');
      await stage.does(parent, (self) => {
        self.spawnLink(machine, stage, 'machine', {
          early: (its) => void its.trapExit(kind === 'traps'),
        });
      });
      await stage.does(parent, (self) => self.exit(reason));
      await stage.fate(stage.pid('machine'));
    }
  }
}

export async function starts(stage: Stage): Promise<void> {
  const starting: readonly Doings[] = [
    { init: (self) => self.next('c').timeout('n', 0, 'x') },
    { early: () => 'ignore' },
    { early: (self) => self.stop('why') },
    {
      early() {
        throw new Error('oops');
      },
    },
    { early: (self) => self.exit('gone') },
  ];
  for (const doings of starting)
    await stage.fate(await stage.starter('a', 'plain', machine, stage, 'machine', doings));
}

/** Whatever comes of what is done at random; the numbers are the same on both sides. */
export async function walks(stage: Stage): Promise<void> {
  for (let n = 1; n <= 20; n++) {
    stage.say('walk', n);
    const { pid, cast } = await begun(stage);
    const step = walk(n);
    for (let i = 1; i <= 60; i++) cast(i, step());
    await stage.fate(pid);
  }
}

function walk(seed: number): () => Act {
  let last = seed;
  const random = (below: number): number => {
    last = (last * 16_807) % 2_147_483_647;
    return Math.floor(last / 7) % below;
  };
  const state = (): State => (['a', 'b', 'c'] as const)[random(3)] as State;
  return () => {
    const s = state();
    const t = state();
    const acts: readonly Act[] = [
      keep,
      go(s),
      postpone(s),
      postpone(s, t),
      (self) => self.nextEvent('own', 'i').nextEvent('own', 'j'),
      (self) => self.next(s).nextEvent('own', 'i').timeout('n', 0, s),
      (self) => {
        if (self.state !== s) return self.keep();
        const next = self.next(t).postpone();
        return s === t ? next : next.stateTimeout(0, t);
      },
      (self) => self.stateTimeout(0, s).timeout('m', 0, t),
      (self) => self.eventTimeout(0, s),
      (self) => self.repeat().stateTimeout(0, s).nextEvent('own', 'k', go(t)),
    ];
    return acts[random(10)] as Act;
  };
}
