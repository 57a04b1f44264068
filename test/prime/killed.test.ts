/** What becomes of the work when the service is killed, busy, or told to end. */

import { expect, test } from 'vitest';
import { Program } from './program.ts';

const SLOW = '18446744073709551557';
const SMALL = '10000000019';
/** Prime, and found by trial division within a second or two. */
const QUICK = '1000000000000037';

const waitFor = async (condition: () => Promise<boolean>): Promise<void> => {
  await expect.poll(condition, { timeout: 30_000, interval: 20 }).toBe(true);
};

test('PRM-03: killed with a hundred tasks queued and two that run, it does all of them when it is back', async () => {
  await using program = await Program.started();
  const running = [await program.idOf(SLOW, 'trial'), await program.idOf(SLOW, 'trial')];
  await waitFor(async () => {
    const states = await Promise.all(running.map((id) => program.look(id)));
    return states.every(({ progress }) => progress !== undefined);
  });
  const queued: string[] = [];
  for (let i = 0; i < 100; i++) queued.push(await program.idOf(SMALL, 'trial'));
  expect((await program.look(queued[99] as string)).status).toBe('PENDING');
  expect(await program.end('SIGKILL')).toBe('SIGKILL');

  await program.start({ CONCURRENCY: '4' });
  for (const id of running) {
    // They run again, from the beginning; nobody waits for them here.
    await waitFor(async () => (await program.look(id)).status === 'STARTED');
    await fetch(`${program.url}/${id}`, { method: 'DELETE' });
    expect((await program.look(id)).status).toBe('REVOKED');
  }
  for (const id of queued) {
    const { status, result } = await program.look(id, 60);
    expect({ status, result }).toMatchObject({ status: 'SUCCESS', result: { is_prime: true } });
  }
}, 180_000);

test('PRM-02: while a trial division runs on every thread, small questions are answered, and a revoked one frees its thread', async () => {
  await using program = await Program.started();
  const big = [await program.idOf(SLOW, 'trial'), await program.idOf(SLOW, 'trial')];
  await waitFor(async () => {
    const states = await Promise.all(big.map((id) => program.look(id)));
    return states.every(({ status }) => status === 'STARTED');
  });
  const next = await program.idOf(SLOW, 'trial');
  const verdicts = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const { result } = await program.look(await program.idOf(n), 30);
      return result?.is_prime === true ? [n] : [];
    }),
  );
  expect(verdicts.flat()).toEqual([
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
  ]);
  expect((await program.look(next)).status).toBe('PENDING');
  await fetch(`${program.url}/${big[0]}`, { method: 'DELETE' });
  await waitFor(async () => (await program.look(next)).status === 'STARTED');
}, 90_000);

test('SIGTERM ends it in order, and what ran is queued again', async () => {
  await using program = await Program.started();
  const done = await program.idOf(11);
  await program.look(done, 10);
  const id = await program.idOf(QUICK, 'trial');
  expect(await program.end('SIGTERM')).toBe(0);
  await program.start();
  expect((await program.look(done)).status).toBe('SUCCESS');
  expect((await program.look(id, 60)).result).toMatchObject({ is_prime: true });
}, 90_000);

test.each([
  ['PORT', '80x'],
  ['CONCURRENCY', '0'],
])('it does not start with %s=%s', async (name, value) => {
  await expect(Program.started({ [name]: value })).rejects.toThrow('ended before it listened');
});
