/** What exit signals do. */

import { Exited, shutdown } from 'beamish';
import { KINDS, type Kind, type Puppet, type Stage } from '../stage.ts';

async function outcome(stage: Stage, pid: Puppet): Promise<void> {
  await stage.settle();
  if (stage.isAlive(pid)) await stage.mail(pid);
  else await stage.fate(pid);
}

export async function signalOfAnother(stage: Stage): Promise<void> {
  const reasons = [
    'normal',
    'kill',
    'killed',
    'shutdown',
    shutdown('x'),
    'other',
    ['a', 'b'],
    'noproc',
  ];
  for (const kind of KINDS) {
    for (const reason of reasons) {
      stage.say('signal', reason, 'to one that is', kind);
      const peer = await stage.actor('peer');
      const target = await stage.actor('target', kind);
      await stage.does(peer, (self) => self.exitSignal(target, reason));
      await outcome(stage, target);
    }
  }
}

export async function signalToOneself(stage: Stage): Promise<void> {
  for (const kind of KINDS) {
    for (const reason of ['normal', 'kill', 'killed', 'shutdown', 'other']) {
      stage.say('signal', reason, 'to itself, which is', kind);
      const target = await stage.actor('target', kind);
      await stage.does(target, (self) => {
        self.exitSignal(self.pid, reason);
        stage.say('and goes on');
      });
      await outcome(stage, target);
    }
  }
}

export async function endOfALinkedOne(stage: Stage): Promise<void> {
  const ends: readonly [string, Parameters<Stage['does']>[1]][] = [
    ['exits normal', (self) => self.exit('normal')],
    ['exits kill', (self) => self.exit('kill')],
    ['exits killed', (self) => self.exit('killed')],
    ['exits shutdown', (self) => self.exit('shutdown')],
    ['exits with a detail', (self) => self.exit(shutdown('x'))],
    ['exits other', (self) => self.exit('other')],
    ['kills itself', (self) => self.exitSignal(self.pid, 'kill')],
    [
      'fails',
      () => {
        throw new Error('oops');
      },
    ],
    [
      'throws',
      () => {
        throw 'ball';
      },
    ],
  ];
  for (const kind of KINDS) {
    for (const [how, end] of ends) {
      stage.say('its peer', how, 'and it is', kind);
      const peer = await stage.actor('peer');
      const target = await stage.actor('target', kind);
      await stage.does(target, (self) => self.link(peer));
      await stage.does(peer, end);
      await outcome(stage, target);
      await stage.fate(peer);
    }
  }
}

export async function killAlongAChain(stage: Stage): Promise<void> {
  const ends: readonly [string, (last: Puppet) => unknown][] = [
    ['exits kill', (last) => stage.does(last, (self) => self.exit('kill'))],
    [
      'signals kill to itself',
      (last) => stage.does(last, (self) => self.exitSignal(self.pid, 'kill')),
    ],
    ['is sent kill', (last) => stage.system.exitSignal(last, 'kill')],
  ];
  for (const kind of KINDS) {
    for (const [how, end] of ends) {
      stage.say('the last', how, 'and the first is', kind);
      const actors = await chain(stage, kind, ['a', 'b', 'c', 'd', 'e']);
      await end(actors.at(-1) as Puppet);
      await outcome(stage, actors[0] as Puppet);
      for (const each of actors.slice(1)) await stage.fate(each);
    }
  }
}

/** Each linked to the next; the first may trap exits. */
async function chain(stage: Stage, kind: Kind, labels: readonly string[]): Promise<Puppet[]> {
  const actors: Puppet[] = [];
  for (const label of labels) {
    const last = actors.at(-1);
    const next = await stage.actor(label, last === undefined ? kind : 'plain');
    if (last !== undefined) await stage.does(last, (self) => self.link(next));
    actors.push(next);
  }
  return actors;
}

export async function aChainEndsWhereOneTraps(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b', 'traps');
  const c = await stage.actor('c');
  await stage.does(a, (self) => self.link(b));
  await stage.does(b, (self) => self.link(c));
  await stage.does(c, (self) => self.exit('boom'));
  await stage.mail(b);
  for (const each of [a, b, c]) await stage.fate(each);
}

export async function firstReasonWins(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  await stage.does(a, (self) => {
    self.exitSignal(b, 'first');
    self.exitSignal(b, 'second');
  });
  await stage.fate(b);
  const c = await stage.actor('c', 'traps');
  await stage.does(a, (self) => {
    self.exitSignal(c, 'first');
    self.exitSignal(c, 'kill');
    self.exitSignal(c, 'third');
  });
  await stage.fate(c);
}

export async function exitIsCaughtAndASignalIsNot(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  await stage.does(a, (self) => {
    try {
      self.exit('x');
    } catch (error) {
      if (error instanceof Exited) stage.say('caught', error.reason);
    }
    // Whoever catches what a signal to oneself throws is ended by it all the same, at its next step.
    self.exitSignal(self.pid, 'die');
    stage.say('and goes on');
  });
  await stage.fate(a);
}

export async function flagAtReceipt(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b', 'traps');
  await stage.does(a, (self) => self.exitSignal(b, 'before'));
  await stage.does(b, (self) => self.trapExit(false));
  await stage.mail(b);
  await stage.does(a, (self) => self.exitSignal(b, 'later'));
  await stage.fate(b);
}

export async function signalsTakeTheirTurn(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b', 'traps');
  await stage.does(a, (self) => {
    self.send(b, { tag: 'note', what: 1 });
    self.exitSignal(b, 'two');
    self.send(b, { tag: 'note', what: 3 });
    self.exitSignal(b, 'normal');
  });
  await stage.mail(b);
}

export async function signalsToTheDead(stage: Stage): Promise<void> {
  const a = await stage.actor('a', 'traps');
  const b = await stage.actor('b');
  await stage.does(b, (self) => self.exit('gone'));
  await stage.does(a, (self) => {
    self.exitSignal(b, 'kill');
    self.exitSignal(b, 'boom');
    self.send(b, { tag: 'note', what: 'hello' });
  });
  await stage.mail(a);
  await stage.fate(b);
}
