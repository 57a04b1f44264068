/** Starting is a protocol. */

import { configure, type Self, shutdown } from 'beamish';
import { type Act, doer, traps } from '../doer.ts';
import { KINDS, type Stage } from '../stage.ts';

const FAILURES: readonly Act[] = [
  (self) => self.stop('why'),
  (self) => self.stop(shutdown('x')),
  () => {
    throw new Error('oops');
  },
  (self) => self.exit('gone'),
  () => 'ignore',
];
const named = configure(doer, { name: 'alpha' });

export async function waitsForInit(stage: Stage): Promise<void> {
  await stage.run('a', function* (self) {
    const doings = { initMs: 50, init: () => stage.say('init is done') };
    stage.started(self.pid, yield* self.startLink(doer, stage, 'server', doings));
  });
}

export async function failsForOneThatTraps(stage: Stage): Promise<void> {
  for (const init of FAILURES) {
    const a = await stage.starter('a', 'traps', doer, stage, 'server', { init });
    stage.say('the server is alive:', stage.isAlive(stage.pid('server')));
    await stage.fate(a);
  }
}

export async function failsForOneThatDoesNot(stage: Stage): Promise<void> {
  for (const init of FAILURES) {
    await stage.fate(await stage.starter('a', 'plain', doer, stage, 'server', { init }));
  }
}

export async function nameIsTaken(stage: Stage): Promise<void> {
  for (const kind of KINDS) {
    const holder = await stage.actor('holder');
    stage.system.register('alpha', holder);
    const init: Act = () => stage.say('init runs');
    const a = await stage.starter('a', kind, named, stage, 'server', { init });
    await stage.mail(a);
    await stage.fate(a);
    await stage.fate(holder);
    stage.say(stage.system.whereis('alpha'));
    stage.system.unregister('alpha');
  }
}

export async function nameIsThereInInit(stage: Stage): Promise<void> {
  const init: Act = (self) => stage.say(self.whereis('alpha'));
  await stage.starter('a', 'plain', named, stage, 'server', { init });
}

export async function nameIsFreeAfterAFailure(stage: Stage): Promise<void> {
  const a = stage.system.spawn(function* (self: Self) {
    self.trapExit(true);
    for (const init of [...FAILURES, traps]) {
      stage.started(self.pid, yield* self.startLink(named, stage, 'server', { init }));
    }
    yield* self.receive('DOWN');
  });
  stage.label(a, 'a');
  await stage.settle();
  stage.say(stage.system.whereis('alpha'));
}

export async function takesTooLong(stage: Stage): Promise<void> {
  const hasty = configure(doer, { startTimeoutMs: 50 });
  for (const kind of KINDS) {
    const a = await stage.starter('a', kind, hasty, stage, 'server', { initMs: 60_000 });
    await stage.wait(100);
    stage.say('the server is alive:', stage.isAlive(stage.pid('server')));
    await stage.mail(a);
    await stage.fate(a);
  }
}

export async function endsWhileStarting(stage: Stage): Promise<void> {
  const a = await stage.starter('a', 'plain', doer, stage, 'server', { initMs: 60_000 });
  const server = stage.pid('server');
  stage.system.exitSignal(a, 'bye');
  await stage.fate(a);
  await stage.fate(server);
}
