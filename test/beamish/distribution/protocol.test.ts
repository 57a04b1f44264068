/** What two systems say to each other first, and what ends their connection. */

import { type Actor, type Message, name, type Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { type Batch, connect, type Identity } from 'beamish/transport';
import { expect, test } from 'vitest';

const FAR: Identity = { system: 'far', incarnation: 7 };

interface Hello extends Message {
  readonly tag: 'hello';
}

function load(): never {
  throw new Error('Nothing is spawned across');
}

/** A system that is connected to one which exists in the test alone. */
function connected(system: TestSystem, there = FAR) {
  const posted: Batch[] = [];
  const ended: unknown[] = [];
  const carrier = { post: (batch: Batch) => posted.push(batch) };
  const connection = connect(system, there, carrier, {
    load,
    ended: (reason) => ended.push(reason),
  });
  return { connection, posted, ended };
}

function greet(system: TestSystem): void {
  system.send(name<Hello>('greeter', 'far'), { tag: 'hello' });
}

test('the first batch of a side says the version of the protocol, and no other', async () => {
  const system = testSystem();
  const { posted } = connected(system);
  greet(system);
  await system.settle();
  greet(system);
  await system.settle();
  expect(posted).toHaveLength(2);
  expect(posted[0]?.slice(0, 2)).toEqual([22, 2]);
  expect(posted[1]).not.toContain(22);
});

test.each([
  ['says no version', [0, 1], 'its first message does not say its protocol'],
  ['says another version', [22, 3], 'the other side has version 3 of the protocol, this one 2'],
  ['carries an unknown signal', [22, 2, 0, 1, 31, 5], 'it carries a signal of an unknown kind, 31'],
  ['carries an unknown shape', [22, 2, 0, 1, ~3], 'it carries a message of an unknown shape, 3'],
])('a connection ends with the reason when what comes %s', async (_, batch, why) => {
  const system = testSystem();
  const { connection, ended } = connected(system);
  connection.receive(batch);
  const message = `Cannot go on with a connection: ${why}. Both sides must run the same version of beamish`;
  expect(system.told('system_down')).toMatchObject([
    { system: 'far', reason: { name: 'ProtocolError', message } },
  ]);
  expect(ended).toMatchObject([{ message }]);
  expect(system.systems()).toEqual([]);
});

test('what stands before an unknown signal has taken effect, and what comes after it does not', async () => {
  const system = testSystem();
  const taken: Message[] = [];
  const pid = system.spawn(function* (self: Self<Hello>): Actor {
    for (;;) taken.push(yield* self.receive());
  });
  const { connection } = connected(system);
  connection.receive([22, 2, 0, 1, 16, pid.serial, { tag: 'first' }, 31, 5, { tag: 'second' }]);
  connection.receive([16, pid.serial, { tag: 'third' }]);
  await system.settle();
  expect(taken).toEqual([{ tag: 'first' }]);
});

test('a second connection to a system of the same name ends the earlier one, told as system_down', async () => {
  const system = testSystem();
  const earlier = connected(system);
  const far = name('greeter', 'far');
  const watcher = system.spawn(function* (self: Self): Actor {
    self.monitor(far);
    const down = yield* self.receive('DOWN');
    self.exit({ heard: down.reason });
  });
  await system.settle();
  const later = connected(system, { system: 'far', incarnation: 8 });
  await system.settle();
  expect(system.told('system_down')).toMatchObject([
    { system: 'far', incarnation: 7, reason: 'replaced' },
  ]);
  expect(earlier.ended).toEqual(['replaced']);
  expect(system.reasonOf(watcher)).toEqual({ heard: 'noconnection' });
  // What the earlier one still brings, or says of its end, means nothing any more.
  earlier.connection.receive([22, 2]);
  earlier.connection.lost('late');
  expect(system.told('system_down')).toHaveLength(1);
  expect(system.systems()).toEqual(['far']);
  greet(system);
  await system.settle();
  expect(later.posted).toHaveLength(1);
});

test('a system and its actors know the names of the systems that are reached', async () => {
  const system = testSystem();
  expect(system.systems()).toEqual([]);
  const { connection } = connected(system);
  connected(system, { system: 'farther', incarnation: 9 });
  expect(system.systems()).toEqual(['far', 'farther']);
  connection.closed();
  const run = system.run(function* (self: Self): Actor<readonly string[]> {
    return self.systems();
  });
  await system.settle();
  expect(await run).toEqual(['farther']);
});

test('a pid that one system has reserved is early for others alone, and nobody once that one is lost', async () => {
  const system = testSystem();
  const spawner = connect(
    system,
    { system: 'main', incarnation: 1 },
    { post() {} },
    { load, spawner: 'there' },
  );
  const { connection, posted } = connected(system);
  // LINK to one that is still to be spawned.
  connection.receive([22, 2, 0, 4, 5, 100]);
  await system.settle();
  expect(posted).toEqual([]);
  spawner.lost('gone');
  await system.settle();
  // LINKED_EXIT
  expect(posted).toEqual([[22, 2, 0, 100, 6, 4, 'noproc']]);
});
