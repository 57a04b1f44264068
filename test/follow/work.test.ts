/** The work behind the button, as its author tests it: no service, no sleep, no time. */

import { memoryDisk } from '@beamish/journal/testing';
import { type EagerTasks, eager } from '@beamish/tasks/testing';
import { child, server, supervisor } from 'beamish';
import { expect, test } from 'vitest';
import { MAILER, type Sent } from '../../examples/follow/src/mailer.ts';
import { PEOPLE, people } from '../../examples/follow/src/people.ts';
import { background } from '../../examples/follow/src/service.ts';
import { digestTo, followed, notify, sweep, timeline } from '../../examples/follow/src/work.ts';

/** A mail server that keeps what it is given, and is away while it is told so. */
interface Post {
  readonly sent: string[];
  isAway: boolean;
  readonly refuses: Set<string>;
}

function follow(): { app: EagerTasks; post: Post } {
  const post: Post = { sent: [], isAway: false, refuses: new Set() };
  const disk = memoryDisk();
  const mailer = server(() => ({
    call: {
      send(id: string, { to }: { to: string }): Sent {
        if (post.isAway || post.refuses.has(to)) return { ok: false, why: 'nobody there' };
        post.sent.push(id);
        return { ok: true, file: `${id}.eml` };
      },
      away: (on: boolean) => on,
      isAway: () => false,
    },
  }));
  const app = eager({
    ...background,
    prepare(system) {
      disk.crash('process'); // its locks are free
      const children = [
        child(
          { id: 'people', name: PEOPLE, backoff: { firstMs: 10, maxMs: 100 } },
          people,
          'people',
          disk,
        ),
        child({ id: 'mailer', name: MAILER }, mailer),
      ];
      void system.start(supervisor({ children }));
    },
  });
  return { app, post };
}

async function ask(app: EagerTasks, by: string, whom: string): Promise<string> {
  await app.advance(0); // everybody is there
  const asked = app.system.call(PEOPLE, 'ask', by, whom);
  await app.advance(0);
  return (await asked).task;
}

async function told<T>(app: EagerTasks, answer: PromiseLike<T>): Promise<T> {
  await app.advance(0);
  return answer;
}

test('WEB-06: a follow is counted, a mail is sent, and the timeline fills', async () => {
  const { app, post } = follow();
  const id = await ask(app, 'bea', 'ada');
  expect(await app.run(followed('bea', 'ada'), { id })).toEqual(['bea.ada.eml', 25]);
  expect(post.sent).toEqual(['bea.ada']);
  expect(await told(app, app.system.call(PEOPLE, 'all'))).toEqual([
    { name: 'ada', followers: 1, posts: 0 },
    { name: 'bea', followers: 0, posts: 25 },
  ]);
});

test('the same pair again within a minute is the same task, and later another one', async () => {
  const { app } = follow();
  const id = await ask(app, 'bea', 'ada');
  expect(await ask(app, 'bea', 'ada')).toBe(id);
  expect(await ask(app, 'ada', 'bea')).not.toBe(id);
  await app.advance(60_000);
  expect(await ask(app, 'bea', 'ada')).not.toBe(id);
});

test('WEB-03: while the mail server is away three attempts fail, and back, a retry succeeds', async () => {
  const { app, post } = follow();
  const id = await ask(app, 'bea', 'ada');
  post.isAway = true;
  const handle = await app.submit(followed('bea', 'ada'), { id });
  await app.advance(30_000);
  expect(await told(app, handle.state())).toMatchObject({
    state: 'failed',
    failure: { name: 'users.notify', attempt: 3, error: { message: 'nobody there' } },
  });
  post.isAway = false;
  expect(await told(app, app.retry(handle.id))).toBe(true);
  await app.advance(1000);
  expect(await told(app, handle.state())).toMatchObject({ state: 'succeeded' });
  expect(post.sent).toEqual(['bea.ada']);
});

test('WEB-02: killed anywhere, the follow is done once, and no mail is missing', async () => {
  for (let ms = 0; ms < 100; ms += 10) {
    const { app, post } = follow();
    const id = await ask(app, 'bea', 'ada');
    await app.submit(followed('bea', 'ada'), { id });
    await app.advance(ms);
    await app.crash();
    await app.advance(60_000);
    expect(await told(app, app.handle(id).state())).toMatchObject({ state: 'succeeded' });
    expect(new Set(post.sent)).toEqual(new Set(['bea.ada']));
  }
});

test('a timeline that was killed goes on with the page that it was at', async () => {
  const { app } = follow();
  const id = await ask(app, 'bea', 'ada');
  const handle = await app.submit(timeline.s({ by: 'bea', whom: 'ada' }), { id: `${id}-t` });
  await app.advance(25);
  await app.crash();
  await app.advance(30_000);
  expect(await told(app, handle.state())).toMatchObject({ state: 'succeeded', crashes: 1 });
});

test('WEB-04: ten thousand of low priority keep no follow waiting', async () => {
  const { app } = follow();
  const pair = { by: 'bea', whom: 'ada' };
  const id = await ask(app, 'bea', 'ada');
  await app.submitMany(Array.from({ length: 10_000 }, () => timeline.s(pair)));
  await app.advance(5);
  const before = app.now().getTime();
  const handle = await app.submit(notify.s(pair), { id: `${id}-n` });
  const high = await app.submit(followed('bea', 'ada'), { id });
  await app.advance(99);
  expect(await told(app, handle.state())).toMatchObject({ state: 'succeeded' });
  expect(app.now().getTime() - before).toBeLessThan(100);
  const [followedIt] = [(await told(app, high.state()))?.members?.ended];
  expect(followedIt).toBe(1);
});

test('a digest goes to everybody, and one who gets none keeps none of the others back', async () => {
  const { app, post } = follow();
  post.refuses.add('cem');
  expect(await app.run(digestTo(['ada', 'bea', 'cem', 'dora']))).toEqual({
    sent: 3,
    failed: ['nobody there'],
  });
});

test('the sweep finds what was followed and never written about', async () => {
  const { app, post } = follow();
  await ask(app, 'bea', 'ada');
  await told(app, app.system.call(PEOPLE, 'follow', 'bea', 'ada'));
  expect(await app.run(sweep.s())).toBe(0);
  await app.advance(60_000);
  expect(await app.run(sweep.s())).toBe(1);
  await app.advance(1000);
  expect(post.sent).toEqual(['bea.ada']);
  expect(await app.run(sweep.s())).toBe(0);
});
