/** What is submitted is stored, once; what cannot be is refused. */

import { chain, declareTask, defineTask, memory, TASKS, tasks, tasksAt } from '@beamish/tasks';
import { eager } from '@beamish/tasks/testing';
import { type Actor, ActorSystem } from 'beamish';
import { expect, test } from 'vitest';

let ran: unknown[] = [];
const note = defineTask('notes.take', (_self, what: unknown) => {
  ran.push(what);
  return what as string;
});
const slow = defineTask('slow', function* (self, ms: number): Actor<string> {
  yield* self.sleep(ms);
  return 'done';
});

test('TSK-03: what is submitted before any worker exists runs when one does', async () => {
  ran = [];
  const store = memory();
  const first = eager({ tasks: [note], store, workers: [] });
  const { id } = await first.submit(note.s('early'));
  await first.close();
  expect(ran).toEqual([]);
  await using second = eager({ tasks: [note], store });
  await second.advance(0);
  expect(await second.handle(id).get()).toBe('early');
});

test('TSK-07: a name without a definition is refused, and those that are near are named', async () => {
  await using app = eager({ tasks: [note] });
  const unknown = declareTask<[string], string>('notes.tkae');
  await expect(app.submit(unknown.s('x'))).rejects.toThrow(
    'Cannot submit "notes.tkae": no task has this name; did you mean "notes.take"?',
  );
  await expect(app.submit(chain(note.s('x'), unknown))).rejects.toThrow('no task has this name');
});

test('TSK-08: a stored task whose definition is gone stays queued, and others go on', async () => {
  ran = [];
  const store = memory();
  const gone = defineTask('gone', () => 'gone');
  const first = eager({ tasks: [note, gone], store, workers: [] });
  const handle = await first.submit(gone.s());
  await first.submit(note.s('behind it'));
  await first.close();
  const second = eager({ tasks: [note], store });
  await second.advance(120_000);
  expect(ran).toEqual(['behind it']);
  expect((await second.handle(handle.id).state())?.state).toBe('queued');
  await second.close();
  await using third = eager({ tasks: [gone], store });
  await third.advance(0);
  expect((await third.handle(handle.id).state())?.state).toBe('succeeded');
});

test('TSK-09: two definitions of one name are refused, with both', async () => {
  const one = { sending: defineTask('mail', () => 1) };
  const other = { mailing: defineTask('mail', () => 2) };
  await using system = new ActorSystem({ log: 'off' });
  await expect(tasks(system, { tasks: [one, other], store: memory() })).rejects.toThrow(
    /two tasks named "mail": the export "mailing"/,
  );
  await expect(tasks(system, { tasks: [{}], store: memory() })).rejects.toThrow(
    /neither made by defineTask nor a module/,
  );
});

test('TSK-10: an id that is taken by the same work is that task; by other work, it is refused', async () => {
  ran = [];
  await using app = eager({ tasks: [note, slow] });
  const first = await app.submit(note.s({ a: 1, b: [2n] }), { id: 'mine' });
  expect(first.created).toBe(true);
  const again = await app.submit(note.s({ b: [2n], a: 1 }), { id: 'mine' });
  expect([again.id, again.created]).toEqual(['mine', false]);
  await app.advance(0);
  expect((await app.submit(note.s({ a: 1, b: [2n] }), { id: 'mine' })).created).toBe(false);
  expect(ran).toHaveLength(1);
  await expect(app.submit(note.s('other'), { id: 'mine' })).rejects.toThrow(RangeError);
  await expect(app.submit(slow.s(1), { id: 'mine' })).rejects.toThrow(RangeError);
});

test('TSK-11: unique is that task until it has ended; with kept, until it is forgotten', async () => {
  await using app = eager({ tasks: [slow] });
  const first = await app.submit(slow.s(1000), { unique: 'u', delayMs: 500 });
  const second = await app.submit(slow.s(1), { unique: 'u' });
  expect([second.id, second.created]).toEqual([first.id, false]);
  await app.advance(600);
  expect((await app.submit(slow.s(1), { unique: 'u' })).id).toBe(first.id);
  await app.advance(5000);
  const kept = { key: 'u', until: 'kept' } as const;
  expect((await app.submit(slow.s(1), { unique: kept })).id).toBe(first.id);
  const fresh = await app.submit(slow.s(1), { unique: 'u' });
  expect(fresh.created).toBe(true);
  await app.advance(100);
  await fresh.forget();
  expect((await app.submit(slow.s(1), { unique: kept })).created).toBe(true);
});

test('TSK-11: a chain that is joining counts, too', async () => {
  await using app = eager({ tasks: [slow] });
  const first = await app.submit(chain(slow.s(1000), slow.s(1000)), { unique: 'u' });
  await app.advance(1500);
  expect((await app.submit(chain(slow.s(1), slow.s(1)), { unique: 'u' })).id).toBe(first.id);
});

test('TSK-12: a hundred submissions of one unique key at once make one task', async () => {
  await using app = eager({ tasks: [note] });
  const handles = await Promise.all(
    Array.from({ length: 100 }, () => app.submit(note.s('once'), { unique: 'u' })),
  );
  expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
  expect(handles.filter(({ created }) => created)).toHaveLength(1);
});

test('TSK-13: of an id that nobody knows there is no state, and get within a time says so', async () => {
  await using app = eager({ tasks: [note] });
  const nobody = app.handle('nobody');
  expect(await nobody.state()).toBeUndefined();
  const got = expect(nobody.get({ within: 1000 })).rejects.toMatchObject({
    name: 'TaskUnfinished',
    state: 'unknown',
  });
  await app.advance(1000);
  await got;
});

test('TSK-14: submit resolves with the handle before the task has run, and a handle is no promise', async () => {
  ran = [];
  await using app = eager({ tasks: [note] });
  const handle = await app.submit(note.s('x'));
  expect(handle).not.toHaveProperty('then');
  expect(ran).toEqual([]);
  await app.advance(0);
  expect(ran).toEqual(['x']);
});

test('TSK-15: get after the end answers at once, also by another handle', async () => {
  await using app = eager({ tasks: [note] });
  const { id } = await app.submit(note.s('x'));
  await app.advance(0);
  expect(await app.handle(id).get()).toBe('x');
  expect(await tasksAt(app.system).handle(id).get()).toBe('x');
});

test('TSK-16: get that gives up rejects, by its time or its signal, and leaves nothing behind', async () => {
  await using app = eager({ tasks: [slow] });
  const handle = await app.submit(slow.s(60_000));
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(handle.get({ signal })).rejects.toThrow('enough');
  const waits = Array.from({ length: 10_000 }, () =>
    handle.get({ within: 100 }).catch((error: Error) => error.name),
  );
  await app.advance(100);
  expect(new Set(await Promise.all(waits))).toEqual(new Set(['TaskUnfinished']));
  await app.advance(0);
  const { getState } = await import('beamish');
  const waiting = Promise.resolve(
    getState(app.system, app.system.whereis('tasks.waiters') as never),
  );
  await app.advance(0);
  expect(await waiting).toEqual({ waiting: 0 });
  await app.advance(60_000);
  expect(await handle.get()).toBe('done');
});

test('TSK-23: a delay, and a moment, are kept to the millisecond; a moment that has passed is now', async () => {
  await using app = eager({ tasks: [note] });
  const starts: [string, number][] = [];
  app.events.on('started', ({ id }) => starts.push([id, app.now().getTime()]));
  const now = app.now().getTime();
  await app.submit(note.s(1), { id: 'delayed', delayMs: 12_345 });
  await app.submit(note.s(1), { id: 'at', at: new Date(now + 77_777) });
  await app.submit(note.s(1), { id: 'past', at: new Date(now - 5) });
  await app.advance(100_000);
  expect(starts).toEqual([
    ['past', now],
    ['delayed', now + 12_345],
    ['at', now + 77_777],
  ]);
});

test('TSK-23: a clock that is set forward hurries a moment, and no delay', async () => {
  await using app = eager({ tasks: [note] });
  await app.submit(note.s(1), { id: 'delayed', delayMs: 3_600_000 });
  await app.submit(note.s(1), { id: 'at', at: new Date(app.now().getTime() + 3_600_000) });
  app.jump(3_600_000);
  await app.advance(60_000);
  expect((await app.handle('at').state())?.state).toBe('succeeded');
  expect((await app.handle('delayed').state())?.state).toBe('scheduled');
  await app.advance(3_540_000);
  expect((await app.handle('delayed').state())?.state).toBe('succeeded');
});

test('TSK-24: a scheduled task that is revoked is so at once, and never runs', async () => {
  ran = [];
  await using app = eager({ tasks: [note] });
  const handle = await app.submit(note.s('x'), { delayMs: 1000 });
  expect(await handle.revoke()).toBe('scheduled');
  expect((await handle.state())?.state).toBe('revoked');
  await app.advance(5000);
  expect(ran).toEqual([]);
});

test('TSK-25: what has not begun when its time is over has expired; what runs goes on', async () => {
  await using app = eager({ tasks: [slow], workers: [{ concurrency: 1 }] });
  const runs = await app.submit(slow.s(5000), { expiresMs: 1000 });
  const waits = await app.submit(slow.s(1), { expiresMs: 1000 });
  await app.advance(1000);
  expect((await waits.state())?.state).toBe('expired');
  await expect(waits.get()).rejects.toMatchObject({ failure: { reason: 'expired' } });
  await app.advance(4000);
  expect(await runs.get()).toBe('done');
});

test('TSK-26: a delay that is longer than the expiry ends at the expiry', async () => {
  await using app = eager({ tasks: [note] });
  const handle = await app.submit(note.s('x'), { delayMs: 10_000, expiresMs: 1000 });
  await app.advance(999);
  expect((await handle.state())?.state).toBe('scheduled');
  await app.advance(1);
  expect((await handle.state())?.state).toBe('expired');
});

test('options that contradict each other, and those that are none, are refused', async () => {
  await using app = eager({ tasks: [note] });
  const both = { delayMs: 1, at: new Date() } as never;
  await expect(app.submit(note.s(1), both)).rejects.toThrow('they say the same');
  await expect(app.submit(note.s(1), { prio: 1 } as never)).rejects.toThrow('no such option');
  await expect(app.submit(note.s(1), { priority: 10 as never })).rejects.toThrow(RangeError);
  await expect(app.submit(note.s(1), { delayMs: -1 })).rejects.toThrow(RangeError);
  await expect(app.submit(note as never)).rejects.toThrow('wants the result of a step before it');
});

test('TSK-97: what is defined starts nothing until it is among the tasks of an application', async () => {
  await using system = new ActorSystem({ log: 'off' });
  defineTask('unused', () => 1);
  expect(system.actors()).toEqual([]);
});

test('TSK-98: two applications in one system under two names are apart', async () => {
  await using system = new ActorSystem({ log: 'off' });
  const { name } = await import('beamish');
  await using one = await tasks(system, { tasks: [note], store: memory() });
  await using other = await tasks(system, { tasks: [note], store: memory(), name: name('others') });
  expect(one.address).toBe(TASKS);
  const handle = await one.submit(note.s('x'), { id: 'same' });
  expect(await other.handle('same').state()).toBeUndefined();
  expect((await other.submit(note.s('y'), { id: 'same' })).created).toBe(true);
  expect(await handle.get()).toBe('x');
  expect(await other.handle('same').get()).toBe('y');
});
