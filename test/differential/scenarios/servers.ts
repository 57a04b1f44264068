/** The turn of a server, and its end. */

import { CallFailed, type ExitReason, type ServerSelf, shutdown, stop } from 'beamish';
import { type Act, cast, type Doer, type DoerMessage, doer, startDoer, traps } from '../doer.ts';
import { KINDS, type Kind, type Note, note, type Puppet, type Stage } from '../stage.ts';

export async function continuesAfterInit(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server', {
    init(self) {
      self.send(self.pid, note('first'));
      self.continueWith(() => stage.say('continues'));
    },
  });
  await stage.fate(server);
}

export async function continuesAfterACall(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    const reply = yield* self.call(server, 'do', (its: ServerSelf<Note>) => {
      its.send(its.pid, note('queued'));
      its.continueWith(() => {
        stage.say('continues');
        its.continueWith(() => stage.say('and again'));
      });
      return 'replied';
    });
    yield* self.sleep(50);
    stage.say(reply);
  });
}

export async function oneAtATime(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    self.cast(server, 'do', function* (its: ServerSelf<Note>) {
      stage.say('begins');
      yield* its.sleep(50);
      stage.say('ends');
    });
    self.send(server, note('message'));
    self.cast(server, 'do', () => stage.say('cast'));
    const reply = yield* self.call(server, 'do', () => {
      stage.say('call');
      return 'done';
    });
    stage.say(reply);
  });
}

export async function castsToItself(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    self.cast(server, 'do', function* (its: ServerSelf<Note>) {
      stage.say('first');
      yield* its.sleep(50);
      its.cast(server, 'do', () => stage.say('to itself'));
    });
    self.cast(server, 'do', () => stage.say('second'));
  });
  await stage.wait(200);
}

export async function stopsWithAReply(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server', {
    init: traps,
    *clean(self) {
      yield* self.sleep(50);
      stage.say('is clean');
    },
  });
  await stage.run('a', function* (self) {
    const reply = yield* self.call(server, 'do', (its: ServerSelf<Note>) => {
      its.stop('bye');
      return 'replied';
    });
    stage.say(reply);
  });
  await stage.fate(server);
}

export async function terminates(stage: Stage): Promise<void> {
  const ends: readonly Act[] = [
    (self) => self.stop(),
    (self) => self.stop('bye'),
    (self) => self.stop(shutdown('x')),
    (self) => self.exit('bye'),
    () => {
      throw new Error('oops');
    },
  ];
  for (const end of ends) {
    const server = await startDoer(stage, 'server');
    await cast(stage, server, end);
    await stage.fate(server);
  }
}

export async function doesNotTerminate(stage: Stage): Promise<void> {
  const peer = await stage.actor('peer');
  for (const [trapping, reason] of [
    [false, 'shutdown'],
    [false, 'kill'],
    [true, 'kill'],
  ] as const) {
    const server = await startDoer(stage, 'server', { init: (self) => self.trapExit(trapping) });
    await stage.does(peer, (self) => self.exitSignal(server, reason));
    await stage.fate(server);
  }
}

export async function failingInTerminate(stage: Stage): Promise<void> {
  const cleanings: readonly Act[] = [
    () => {
      throw new Error('in_terminate');
    },
    () => {
      throw 'ball';
    },
    () => 'returned',
  ];
  for (const clean of cleanings) {
    const server = await startDoer(stage, 'server', { init: traps, clean });
    await cast(stage, server, (self) => self.stop('orig'));
    await stage.fate(server);
  }
}

async function family(
  stage: Stage,
  kind: Kind,
): Promise<{ readonly parent: Puppet; readonly server: Doer }> {
  const init: Act = (self) => {
    self.trapExit(kind === 'traps');
  };
  const parent = await stage.starter('parent', 'plain', doer, stage, 'server', { init });
  return { parent, server: stage.pid<DoerMessage>('server') };
}

export async function parentEnds(stage: Stage): Promise<void> {
  for (const kind of KINDS.toReversed()) {
    for (const reason of ['shutdown', shutdown('x'), 'other', 'kill']) {
      stage.say('parent ends with', reason, 'and the server is', kind);
      const { parent, server } = await family(stage, kind);
      await stage.does(parent, (self) => self.exit(reason));
      await stage.fate(server);
    }
  }
}

export async function parentEndsNormally(stage: Stage): Promise<void> {
  for (const kind of KINDS.toReversed()) {
    const { parent, server } = await family(stage, kind);
    await stage.does(parent, (self) => self.exit('normal'));
    await stage.fate(server);
  }
}

export async function parentEndsBehindMessages(stage: Stage): Promise<void> {
  const { parent, server } = await family(stage, 'traps');
  await stage.does(parent, (self) => {
    self.cast(server, 'do', function* (its: ServerSelf<Note>) {
      yield* its.sleep(50);
      stage.say('first');
    });
    self.cast(server, 'do', () => stage.say('second'));
    self.exit('die');
  });
  await stage.wait(200);
  await stage.fate(server);
}

export async function aSignalStopsItAtOnce(stage: Stage): Promise<void> {
  const peer = await stage.actor('peer');
  const server = await startDoer(stage, 'server');
  await stage.does(peer, (self) => {
    self.cast(server, 'do', function* (its: ServerSelf<Note>) {
      yield* its.sleep(400);
      stage.say('first');
    });
    self.cast(server, 'do', () => stage.say('second'));
  });
  await stage.does(peer, (self) => self.exitSignal(server, 'die'));
  await stage.wait(600);
  await stage.fate(server);
}

export async function strangersAreNews(stage: Stage): Promise<void> {
  const peer = await stage.actor('peer');
  const server = await startDoer(stage, 'server', { init: traps });
  await cast(stage, server, (self) => {
    self.link(peer);
    self.monitor(peer);
  });
  await stage.does(peer, (self) => {
    self.exitSignal(server, 'hello');
    self.send(server, note('x'));
  });
  await cast(stage, server, (self) => self.unlink(peer));
  await stage.does(peer, (self) => self.exit('bye'));
  await stage.fate(server);
}

export async function idle(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server', { init: (self) => self.idleAfter(20) });
  await stage.wait(150);
  await stage.fate(server);
}

export async function idleNoMore(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server', { init: (self) => self.idleAfter(400) });
  await cast(stage, server, () => stage.say('busy'));
  await stage.wait(800);
  await cast(stage, server, (self) => {
    self.send(self.pid, note('x'));
    self.idleAfter(0);
  });
  await stage.wait(50);
  await cast(stage, server, (self) => self.idleAfter(0));
  await stage.wait(50);
  await stage.fate(server);
}

export async function stopped(stage: Stage): Promise<void> {
  const stops: readonly (readonly [ExitReason, Act])[] = [
    ['normal', () => {}],
    ['bye', () => {}],
    [
      'normal',
      () => {
        throw new Error('in_terminate');
      },
    ],
    ['normal', (self) => self.exit('otherwise')],
  ];
  for (const [reason, clean] of stops) {
    const server = await startDoer(stage, 'server', { clean });
    await stage.run('a', function* (self) {
      try {
        yield* stop(self, server, { reason });
        stage.say('stopped');
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        stage.say('not stopped:', error.reason);
      }
    });
    await stage.fate(server);
  }
}
