/** The public kit for tests. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Actor, Pid, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { FROM_SOURCE } from '../../support/from-source.ts';

type Tick = { tag: 'tick'; n: number } | { tag: 'tock' };

test('an inbox receives by tag, lets time pass for it, and leaves the rest in order', async () => {
  await using system = testSystem();
  const inbox = system.inbox<Tick>();
  system.sendAfter(1000, inbox.pid, { tag: 'tick', n: 1 });
  system.sendAfter(2000, inbox.pid, { tag: 'tock' });
  expect((await inbox.receive('tock').within(2000)).tag).toBe('tock');
  expect(inbox.mail).toEqual([{ tag: 'tick', n: 1 }]);
  expect((await inbox.receive('tick')).n).toBe(1);
  expect(system.clock.now()).toBe(2000);
});

test('an inbox says what came instead of what did not', async () => {
  await using system = testSystem();
  const inbox = system.inbox<Tick>();
  system.send(inbox.pid, { tag: 'tock' });
  await expect(inbox.receive('tick').within(50)).rejects.toThrow(
    /"tick" has not come within 50 ms; .*tock.* has/,
  );
  expect(system.clock.now()).toBe(50);
});

test('expectNothing lets time pass, and fails if anything has come', async () => {
  await using system = testSystem();
  const inbox = system.inbox<Tick>();
  system.sendAfter(100, inbox.pid, { tag: 'tock' });
  await inbox.expectNothing(99);
  await expect(inbox.expectNothing(1)).rejects.toThrow('Expected nothing within 1 ms');
});

test('until lets time pass until something is so, and fails if it never is', async () => {
  await using system = testSystem();
  let isDone = false;
  system.spawn(function* (self: Self): Actor {
    yield* self.sleep(3000);
    isDone = true;
  });
  await system.until(() => isDone);
  expect(system.clock.now()).toBe(3000);
  await expect(system.until(() => false, 10)).rejects.toThrow('has not come in 10 virtual ms');
});

test('result gives what a run comes to, while time passes', async () => {
  await using system = testSystem();
  const slow = function* (self: Self): Actor<number> {
    yield* self.sleep(10_000);
    return 42;
  };
  expect(await system.result(system.run(slow))).toBe(42);
});

function* crasher(): Actor {
  throw new Error('oops');
}

test('a crash or a dead letter that nobody asks for fails the test', async () => {
  const system = testSystem();
  const pid = system.spawn(crasher);
  await system.settle();
  system.send(pid as Pid<Tick>, { tag: 'tock' });
  await system.settle();
  expect(() => system.check()).toThrow(/crash of <test.1>: .*oops[\s\S]*dead letter to <test.1>/);
  expect(() => system.check()).not.toThrow();
});

test('what it has asked for does not', async () => {
  await using system = testSystem();
  const pid = system.spawn(crasher);
  await system.settle();
  system.send(pid as Pid<Tick>, { tag: 'tock' });
  await system.settle();
  expect(system.crashes()).toMatchObject([{ pid, reason: { message: 'oops' } }]);
  expect(system.deadLetters()).toMatchObject([{ to: pid, why: 'noproc' }]);
  expect(system.crashes()).toEqual([]);
  expect(system.reasonOf(pid)).toMatchObject({ message: 'oops' });
});

test('the end of a test by `await using` checks, and ends actors that take their time', async () => {
  const ended: string[] = [];
  const scene = async (crashes: boolean): Promise<void> => {
    await using system = testSystem();
    system.spawn(function* (self: Self): Actor {
      self.trapExit(true);
      yield* self.receive('EXIT');
      yield* self.sleep(4000);
      ended.push('in order');
    });
    if (crashes) system.spawn(crasher);
    await system.settle();
  };
  await scene(false);
  expect(ended).toEqual(['in order']);
  await expect(scene(true)).rejects.toThrow('oops');
});

test('it works with node --test', () => {
  const folder = mkdtempSync(fileURLToPath(new URL('../../.documented-', import.meta.url)));
  try {
    writeFileSync(
      `${folder}/kit.test.ts`,
      `import test from 'node:test';
import assert from 'node:assert';
import { testSystem } from 'beamish/testing';
test('works', async () => {
  await using system = testSystem();
  const inbox = system.inbox();
  system.sendAfter(5000, inbox.pid, { tag: 'tick' });
  assert.equal((await inbox.receive('tick')).tag, 'tick');
});
test('fails', async () => {
  await using system = testSystem();
  system.spawn(function* () { throw new Error('oops'); });
  await system.settle();
});
`,
    );
    const run = [...FROM_SOURCE, '--test', '--test-reporter=tap'];
    const { stdout } = spawnSync(process.execPath, [...run, `${folder}/kit.test.ts`], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(stdout).toMatch(/^ *ok 1 - works/m);
    expect(stdout).toMatch(/^ *not ok 2 - fails/m);
    expect(stdout).toContain('oops');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
