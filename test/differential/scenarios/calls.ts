/** Calls, and what becomes of those that fail. */

import {
  type Actor,
  later,
  name,
  type ReplyTo,
  type Self,
  type ServerSelf,
  shutdown,
} from 'beamish';
import { type Act, type Doer, type DoerMessage, startDoer, tried } from '../doer.ts';
import { type Note, note, type Stage } from '../stage.ts';

const NOBODY = name<DoerMessage>('nobody');

function replies(value: unknown): Act {
  return () => value;
}

/** Answers never. */
const silent: Act = () => later(() => {});

function takes(ms: number, value: unknown): Act {
  return function* (self) {
    yield* self.sleep(ms);
    return value;
  };
}

function* stray(stage: Stage, self: Self<Note>, ms = 0): Actor {
  const message = yield* self.receive().after(ms);
  if (message === undefined) stage.say('nothing came');
  else stage.say('stray', message);
}

export async function lateReply(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* tried(stage, self, server, takes(400, 'late'), 20);
    yield* self.sleep(600);
    yield* stray(stage, self);
    yield* tried(stage, self, server, replies('next'));
  });
}

export async function atOnce(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* tried(stage, self, server, replies('x'), 0);
    yield* tried(stage, self, server, replies('y'), 'infinity');
    yield* stray(stage, self);
  });
}

export async function theDeadAndNobody(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.does(await stage.actor('killer'), (self) => self.exitSignal(server, 'kill'));
  await stage.run('a', function* (self) {
    yield* tried(stage, self, server, replies('x'));
    yield* tried(stage, self, NOBODY, replies('x'));
  });
}

export async function callingItself(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* tried(stage, self, server, function* (its) {
      yield* tried(stage, its, server, replies('x'));
      return 'survived';
    });
    yield* tried(stage, self, self.pid as unknown as Doer, replies('x'));
  });
}

export async function serverEnds(stage: Stage): Promise<void> {
  const exits = (reason: unknown) => (self: ServerSelf<Note>) => self.exit(reason);
  const stops = (reason: unknown) => (self: ServerSelf<Note>) => {
    self.stop(reason);
    return later(() => {});
  };
  const ends: readonly Act[] = [
    exits('bye'),
    exits('normal'),
    exits('shutdown'),
    exits(shutdown('x')),
    exits('kill'),
    () => {
      throw new Error('oops');
    },
    stops('bye'),
    stops('normal'),
    (self) => {
      self.stop('bye');
      return 'replied';
    },
  ];
  for (const end of ends) {
    const server = await startDoer(stage, 'server');
    await stage.run('a', (self) => tried(stage, self, server, end));
  }
}

export async function serverIsKilled(stage: Stage): Promise<void> {
  for (const reason of ['kill', 'shutdown', 'other']) {
    const server = await startDoer(stage, 'server');
    const client = stage.system.spawn((self: Self) => tried(stage, self, server, silent));
    stage.label(client, 'client');
    await stage.settle();
    stage.system.exitSignal(server, reason);
    await stage.fate(server);
    stage.say(client, 'is alive:', stage.isAlive(client));
  }
}

export async function uncaught(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* self.call(server, 'do', silent).within(20);
  });
  await stage.run('b', function* (self) {
    yield* self.call(NOBODY, 'do', replies('x'));
  });
  await stage.run('c', function* (self) {
    yield* self.call(server, 'do', (its: ServerSelf<Note>) => its.exit('bye'));
  });
  await stage.fate(server);
}

export async function answeredLater(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* tried(stage, self, server, (its) =>
      later<string>((to) => {
        its.spawn(function* (another: Self): Actor {
          yield* another.sleep(50);
          another.send(to, 'from_another');
        });
      }),
    );
    yield* tried(stage, self, server, (its) =>
      later<string>((to) => its.cast(server, 'do', () => its.send(to, 'from_itself'))),
    );
  });
}

export async function clientIsGone(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  const client = stage.system.spawn((self: Self) => tried(stage, self, server, takes(100, 'x')));
  stage.label(client, 'client');
  await stage.settle();
  stage.system.exitSignal(client, 'kill');
  await stage.fate(client);
  await stage.wait(200);
  await stage.run('a', (self) => tried(stage, self, server, replies('y')));
}

export async function linkedClient(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    self.link(server);
    yield* tried(stage, self, server, (its) => its.exit('bye'));
  });
}

export async function linkedClientThatTraps(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    self.trapExit(true);
    self.link(server);
    yield* tried(stage, self, server, (its) => its.exit('bye'));
    const { reason } = yield* self.receive('EXIT');
    stage.say('EXIT', reason);
  });
}

export async function mutual(stage: Stage): Promise<void> {
  const a = await startDoer(stage, 'a');
  const b = await startDoer(stage, 'b');
  await stage.run('client', (self) =>
    tried(stage, self, a, function* (itsA) {
      yield* tried(stage, itsA, b, function* (itsB) {
        yield* tried(stage, itsB, a, replies('inner'), 50);
        return 'outer';
      });
      return 'whole';
    }),
  );
}

export async function amongOthers(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    for (const n of [1, 2, 3]) self.send(self.pid, note(n));
    yield* tried(stage, self, server, replies('x'));
    for (let i = 0; i < 4; i++) {
      const message = yield* self.receive('note').after(0);
      stage.say(message === undefined ? 'nothing' : message.what);
    }
  });
}

export async function severalRequests(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    const kept: ReplyTo<number>[] = [];
    const keep: Act = () => later<number>((to) => kept.unshift(to));
    const pending = [1, 2, 3].map(() => self.request(server, 'do', keep));
    self.cast(server, 'do', (its: ServerSelf<Note>) => {
      for (const [i, to] of kept.entries()) its.send(to, i + 1);
    });
    for (const each of pending) stage.say(yield* each.reply());
  });
}

export async function requestOfTheDead(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    const one = self.request(server, 'do', silent);
    const two = self.request(NOBODY, 'do', replies('x'));
    if ((yield* one.wait(20)) === undefined) stage.say('no answer yet');
    self.exitSignal(server, 'bye');
    for (const each of [one, two]) {
      const outcome = yield* each.wait('infinity');
      if (outcome?.ok === false) stage.say(outcome.reason);
    }
    yield* stray(stage, self);
  });
}

export async function noTrace(stage: Stage): Promise<void> {
  const server = await startDoer(stage, 'server');
  await stage.run('a', function* (self) {
    yield* tried(stage, self, server, silent, 20);
    stage.say(self.info(self.pid)?.monitors.length, 'monitors');
  });
  await stage.run('b', function* (self) {
    yield* tried(stage, self, server, replies('x'));
    self.exitSignal(server, 'kill');
    yield* stray(stage, self, 50);
  });
}
