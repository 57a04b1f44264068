/** Registered names. */

import { type Actor, name, type Self } from 'beamish';
import { generatorPuppet } from '../../support/puppet.ts';
import { type DoerMessage, startDoer, tried } from '../doer.ts';
import { type Note, note, type Stage } from '../stage.ts';

export async function registerAndUnregister(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  stage.say(system.whereis('alpha'));
  system.register('alpha', a);
  stage.say(system.whereis('alpha'));
  system.unregister('alpha');
  stage.say(system.whereis('alpha'));
  await stage.fate(a);
}

export async function refused(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  const dead = await stage.actor('dead');
  await stage.does(dead, (self) => self.exit('gone'));
  system.register('alpha', a);
  stage.say(stage.attempt(() => system.register('alpha', b)));
  stage.say(stage.attempt(() => system.register('alpha', a)));
  stage.say(stage.attempt(() => system.register('other', a)));
  stage.say(stage.attempt(() => system.register('other', dead)));
  stage.say(stage.attempt(() => system.unregister('other')));
  stage.say(system.whereis('alpha'), system.whereis('other'));
}

export async function freedBeforeDown(stage: Stage): Promise<void> {
  for (const reason of ['bye', 'kill']) {
    const a = await stage.actor('a');
    stage.system.register('alpha', a);
    const watcher = stage.system.spawn(function* (self: Self): Actor {
      self.monitor(a);
      self.exitSignal(a, reason);
      const down = yield* self.receive('DOWN');
      stage.say(down.reason, self.whereis('alpha'));
      self.register('alpha', self.pid);
      stage.say(self.whereis('alpha'));
    });
    stage.label(watcher, 'watcher');
    await stage.settle();
    stage.say('watcher is alive', stage.isAlive(watcher));
  }
}

export async function freedBeforeExit(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  stage.system.register('alpha', a);
  const watcher = stage.system.spawn(function* (self: Self): Actor {
    self.trapExit(true);
    self.link(a);
    self.exitSignal(a, 'bye');
    const exit = yield* self.receive('EXIT');
    stage.say(exit.reason, self.whereis('alpha'));
    self.register('alpha', self.pid);
    stage.say(self.whereis('alpha'));
  });
  stage.label(watcher, 'watcher');
  await stage.settle();
}

export async function freedBeforeRestart(stage: Stage): Promise<void> {
  await stage.run('a', function* (self) {
    self.trapExit(true);
    for (const n of [1, 2, 3]) {
      const child = self.spawnLink(generatorPuppet);
      self.register('alpha', child);
      self.exitSignal(child, 'kill');
      const { reason } = yield* self.receive('EXIT');
      stage.say(n, reason);
    }
  });
  stage.say(stage.system.whereis('alpha'));
}

export async function lookedUpAtEachSend(stage: Stage): Promise<void> {
  const { system } = stage;
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  system.register('alpha', a);
  system.send(name<Note>('alpha'), note('one'));
  system.unregister('alpha');
  system.register('alpha', b);
  system.send(name<Note>('alpha'), note('two'));
  await stage.mail(a);
  await stage.mail(b);
}

export async function anyoneMayUnregister(stage: Stage): Promise<void> {
  const a = await stage.actor('a');
  const b = await stage.actor('b');
  stage.system.register('alpha', a);
  await stage.does(b, (self) => self.unregister('alpha'));
  stage.say(stage.system.whereis('alpha'));
  await stage.fate(a);
}

export async function callsByName(stage: Stage): Promise<void> {
  const alpha = name<DoerMessage>('alpha');
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* tried(stage, self, alpha, () => 'no');
    self.register('alpha', server);
    yield* tried(stage, self, alpha, () => 'yes');
    self.exitSignal(server, 'kill');
    yield* tried(stage, self, alpha, () => 'no');
  });
}
