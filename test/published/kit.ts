/** The test kit, as a user's tests have it: the same file for every runner that knows `node:test`. */

import { deepEqual, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type { Actor, Pid, Self } from 'beamish';
import { testSystem } from 'beamish/testing';

type Tick = { readonly tag: 'tick'; readonly n: number };

function* ticker(self: Self, to: Pid<Tick>): Actor {
  for (let n = 1; ; n++) {
    yield* self.sleep(1000);
    self.send(to, { tag: 'tick', n });
  }
}

function* crasher(): Actor {
  throw new Error('oops');
}

test('a minute passes at once', async () => {
  await using tested = testSystem();
  const inbox = tested.inbox<Tick>();
  tested.spawn(ticker, inbox.pid);
  await inbox.expectNothing(999);
  deepEqual(await inbox.receive('tick').within(1), { tag: 'tick', n: 1 });
  await tested.until(() => inbox.mail.length === 60);
});

test('a crash that was expected is told', async () => {
  await using tested = testSystem();
  const pid = tested.spawn(crasher);
  await tested.settle();
  deepEqual(String(tested.reasonOf(pid)), 'Error: oops');
  deepEqual(tested.crashes().length, 1);
});

test('one that was not fails its test', async () => {
  const careless = async (): Promise<void> => {
    await using tested = testSystem();
    tested.spawn(crasher);
    await tested.settle();
  };
  await rejects(
    careless,
    /has not asked for these, seed 1:\n {2}crash of <test\.\d+>: Error: oops/,
  );
});
