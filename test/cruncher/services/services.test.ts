/** What the services do together, in one process. */

import { setImmediate as turn } from 'node:timers/promises';
import { binding, consume, type Deliveries, declare, inspect, queue } from '@beamish/exchange';
import {
  type Actor,
  child,
  restartChild,
  type Self,
  startChild,
  terminateChild,
  whichChildren,
} from 'beamish';
import { describe, expect, test } from 'vitest';
import { crunch as crunchFor } from '../../../examples/cruncher/src/services/crunching.ts';
import type { Algorithm } from '../../../examples/cruncher/src/services/finding.ts';
import {
  type Notice,
  topology,
  type Work,
} from '../../../examples/cruncher/src/services/topology.ts';
import { NOTIFIERS, notifierSpec, TEAM } from '../../../examples/cruncher/src/services/tree.ts';
import { crunch, stage } from './stage.ts';

const EXAMPLE = 'ann@x.org, "b b"@x.org and ann@x.org; lodash@4.17.21 cem@y.org.';

/** An algorithm that has but this. */
function alone(parts: Algorithm['parts']): Algorithm {
  return { parts };
}

describe('files', () => {
  test('D2 two crunchers each get every file, and each tells what it found', async () => {
    const { file, crunch, look } = await stage();
    const results = await crunch(file('a.txt', EXAMPLE), file('b.txt', 'dan@x.org'));
    const told = results.map(({ cruncher, shown, found }) => [cruncher, shown.slice(-5), found]);
    expect(told.sort()).toEqual([
      ['fast', 'a.txt', 4],
      ['fast', 'b.txt', 1],
      ['thorough', 'a.txt', 4],
      ['thorough', 'b.txt', 1],
    ]);
    const { distinct, totals } = await look();
    // Together: ann, "b b", cem, dan, and what only looks like an address.
    expect(distinct).toBe(5);
    expect(totals).toMatchObject({
      fast: { found: 5, files: 2 },
      thorough: { found: 5, files: 2 },
    });
  });

  test('D8 a third cruncher joins by one queue more, and nobody else is told', async () => {
    const { system, options, file, until } = await stage();
    const shouting = alone(async function* (path) {
      yield {
        found: { addresses: [`${path.length}@third.org`], times: [1] },
        bytes: 1,
        ofBytes: 1,
        isLast: true,
      };
    });
    await startChild(
      system,
      TEAM,
      child('third', function* (self: Self<Deliveries<Work>>): Actor {
        yield* crunchFor(self, 'third', shouting, options.topology);
      }),
    );
    await crunch(system, options, [file('a.txt', EXAMPLE)], ['fast', 'thorough', 'third']);
    const { totals } = await until(({ totals }) => Object.keys(totals).length === 3);
    expect(totals).toMatchObject({
      fast: { found: 4 },
      third: { found: 1 },
      thorough: { found: 4 },
    });
  });

  test('D9 who published a file that cannot be read is told, with its path', async () => {
    const { folder, crunch, look } = await stage();
    const path = `${folder}/nope.txt`;
    const results = await crunch(path, folder);
    expect(results.map(({ error, path: of }) => [of, error]).sort()).toEqual([
      [folder, 'is a folder'],
      [folder, 'is a folder'],
      [path, 'no such file'],
      [path, 'no such file'],
    ]);
    expect((await look()).totals).toMatchObject({ fast: { found: 0, files: 2, failed: 2 } });
  });

  test('D7 a file that is no text is counted like any other, and holds up none behind it', async () => {
    const { file, crunch } = await stage();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7919) % 256);
    const results = await crunch(file('bad.bin', bytes), file('good.txt', 'ann@x.org'));
    expect(results).toHaveLength(4);
    expect(
      results.filter(({ shown }) => shown.endsWith('good.txt')).map(({ found }) => found),
    ).toEqual([1, 1]);
  });

  test('D7 a file at which a cruncher crashes again and again is set aside, and the next one is crunched', async () => {
    const { system, options, file } = await stage();
    const fragile = alone(async function* (path) {
      if (path.endsWith('poison.txt')) throw new Error('Poison');
      yield { found: { addresses: [], times: [] }, bytes: 1, ofBytes: 1, isLast: true };
    });
    const body = function* (self: Self<Deliveries<Work>>): Actor {
      yield* crunchFor(self, 'fragile', fragile, options.topology);
    };
    await startChild(system, TEAM, child('fragile', body));
    const paths = [file('poison.txt', 'ann@x.org'), file('fine.txt', 'ben@x.org')];
    // The poison is waited for by nobody: its result would never come.
    const results = crunch(system, options, [paths[1]!], ['fragile']);
    await crunch(system, options, [paths[0]!], ['fast']);
    expect((await results).map(({ shown }) => shown)).toEqual([paths[1]]);
    const quarantine = queue<Work>('cruncher.fragile.quarantine');
    await expect.poll(async () => (await inspect(system, quarantine)).ready).toBe(1);
  });

  test('A3 a text without any address gives 0, and a result', async () => {
    const { file, crunch } = await stage();
    const results = await crunch(file('none.txt', 'none'), file('empty.txt', ''));
    expect(results.map(({ found, error }) => [found, error])).toEqual(
      Array.from({ length: 4 }, () => [0, undefined]),
    );
  });

  test('B7 of 1,000 files the totals only rise, and the last one is exact', async () => {
    const { file, crunch } = await stage({ pace: { prefetch: 20 } });
    const paths = Array.from({ length: 1000 }, (_, i) => file(`${i}.txt`, `u${i}@x.org ann@x.org`));
    const results = await crunch(...paths);
    for (const each of ['fast', 'thorough']) {
      const totals = results.filter(({ cruncher }) => cruncher === each).map(({ total }) => total);
      expect(totals).toHaveLength(1000);
      expect(totals).toEqual(totals.toSorted((a, b) => a - b));
      expect(totals.at(-1)).toBe(2000);
    }
  });
});

describe('crunchers that die', () => {
  test('leave their file to the next one, and no address counts twice', async () => {
    const { system, file, crunch, look } = await stage();
    const text = Array.from({ length: 200_000 }, (_, i) => `u${i % 5000}@x${i % 7}.org`).join('\n');
    const results = crunch(file('large.txt', text));
    let kills = 0;
    for (let isOver = false; !isOver && kills < 8; ) {
      // The more have died, the further the next one comes.
      for (let turns = 50 * (kills + 1); turns > 0; turns--) await turn();
      isOver = (await look()).totals['thorough']?.files === 1;
      for (const { id, pid } of await whichChildren(system, TEAM)) {
        if (typeof pid !== 'object' || (id === 'thorough' && kills % 2 === 1)) continue;
        system.exitSignal(pid, 'kill');
        kills++;
      }
    }
    expect((await results).map(({ found }) => found)).toEqual([200_000, 200_000]);
    expect((await look()).totals).toMatchObject({
      fast: { found: 200_000, bytes: text.length, files: 1 },
      thorough: { found: 200_000, bytes: text.length, files: 1 },
    });
    expect(kills).toBeGreaterThan(0);
  });
});

describe('notices', () => {
  const notify = { notifyDomain: 'x.org', names: ['ann', 'ben'] };

  test('D3 status tells of new addresses of the domain, each once, and has their owners told', async () => {
    const { file, crunch, until, mails, announced } = await stage(notify);
    await crunch(file('a.txt', 'ann@x.org cem@x.org dan@y.org'));
    await crunch(file('b.txt', 'ann@x.org ben@X.ORG'));
    await until(({ notices }) => notices.filter(({ state }) => state === 'delivered').length === 2);
    expect(announced).toEqual(['ann@x.org', 'cem@x.org', 'ben@x.org']);
    expect(mails.map(({ name, address }) => [name, address])).toEqual([
      ['ann', 'ann@x.org'],
      ['ben', 'ben@x.org'],
    ]);
  });

  test('D3 a name whose notifier is not there is not marked, and told once it is', async () => {
    const { system, options, file, crunch, until, mails } = await stage({ ...notify, names: [] });
    await crunch(file('a.txt', 'ann@x.org'));
    const { notices } = await until(({ notices }) => notices.length === 1);
    expect(notices).toEqual([{ name: 'ann', address: 'ann@x.org', state: 'wanted' }]);
    await startChild(system, NOTIFIERS, notifierSpec('ann', options));
    await until(({ notices }) => notices[0]?.state === 'delivered');
    expect(mails).toHaveLength(1);
  });

  test('D3 is not marked before it is delivered', async () => {
    let deliver = (): void => {};
    const delivered = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    const { file, crunch, until, mails } = await stage({
      ...notify,
      outcome: async () => {
        await delivered;
        return { kind: 'sent' };
      },
    });
    await crunch(file('a.txt', 'ann@x.org'));
    await until(() => mails.length === 1);
    expect(await until(({ notices }) => notices[0]?.state === 'published')).toBeDefined();
    deliver();
    await until(({ notices }) => notices[0]?.state === 'delivered');
  });

  test('D4 two who are bound to the same name both get the notice', async () => {
    const { system, options, file, crunch, until, mails } = await stage(notify);
    const its = topology(options.topology);
    const second = queue('second', { bindings: [binding(its.notices, 'ann')] });
    const got: Notice[] = [];
    const listener = function* (self: Self<Deliveries<Notice>>): Actor {
      yield* declare(self as never, second);
      yield* consume(self, second, { ack: 'auto' });
      for (;;) {
        const message = yield* self.receive('delivery');
        got.push(message.message);
      }
    };
    system.spawn(listener);
    await expect.poll(async () => await inspect(system, second).then((i) => i.consumers)).toBe(1);
    await crunch(file('a.txt', 'ann@x.org ben@x.org'));
    await until(() => mails.length === 2 && got.length === 1);
    expect(got[0]).toMatchObject({ name: 'ann', address: 'ann@x.org' });
  });

  test('D6 while a notifier is stopped its notices wait, and are sent when it is started', async () => {
    const { system, options, file, crunch, until, mails } = await stage(notify);
    await terminateChild(system, NOTIFIERS, 'ann');
    await crunch(file('a.txt', 'ann@x.org'));
    await until(({ notices }) => notices[0]?.state === 'published');
    const its = topology(options.topology);
    expect((await inspect(system, its.mailbox('ann'))).ready).toBe(1);
    expect(mails).toEqual([]);
    await restartChild(system, NOTIFIERS, 'ann');
    await until(({ notices }) => notices[0]?.state === 'delivered');
    expect(mails).toHaveLength(1);
  });

  test('D6 or they are dropped, by option, and the next time that the address is seen it is told', async () => {
    const { system, file, crunch, until, mails } = await stage({ ...notify, whileStopped: 'drop' });
    await terminateChild(system, NOTIFIERS, 'ann');
    await crunch(file('a.txt', 'ann@x.org'));
    await until(({ notices }) => notices[0]?.state === 'wanted');
    await restartChild(system, NOTIFIERS, 'ann');
    expect(mails).toEqual([]);
    await crunch(file('b.txt', 'ann@x.org again'));
    await until(({ notices }) => notices[0]?.state === 'delivered');
    expect(mails).toHaveLength(1);
  });

  test('what the server does not want yet is tried again, from a queue, later each time', async () => {
    const { file, crunch, until, mails } = await stage({
      ...notify,
      outcome: (_, nth) =>
        nth < 4 ? { kind: 'later', reason: '451 busy', isUnsure: nth === 2 } : { kind: 'sent' },
    });
    await crunch(file('a.txt', 'ann@x.org'));
    await until(({ notices }) => notices[0]?.state === 'delivered');
    expect(mails.map(({ attempt, mayBeTwice }) => [attempt, mayBeTwice])).toEqual([
      [0, false],
      [1, false],
      [2, true],
      [3, true],
    ]);
  });

  test.each(['wait', 'drop'] as const)(
    'what it never wants goes to a queue of its own, with the reason known (%s)',
    async (whileStopped) => {
      const { system, options, file, crunch, until } = await stage({
        ...notify,
        whileStopped,
        outcome: () => ({ kind: 'never', reason: '550 no such user' }),
      });
      await crunch(file('a.txt', 'ann@x.org'));
      const { notices } = await until(({ notices }) => notices[0]?.state === 'failed');
      expect(notices[0]).toMatchObject({ name: 'ann', reason: '550 no such user' });
      const { undeliverable } = topology(options.topology);
      await expect.poll(async () => (await inspect(system, undeliverable)).ready).toBe(1);
    },
  );

  test('a notifier that dies with a mail under way sends it again, and says that it may be the second', async () => {
    const { system, file, crunch, until, mails } = await stage({
      ...notify,
      outcome: (_, nth) => (nth === 1 ? new Promise<never>(() => {}) : { kind: 'sent' }),
    });
    await crunch(file('a.txt', 'ann@x.org'));
    await until(() => mails.length === 1);
    const children = await whichChildren(system, NOTIFIERS);
    const ann = children.find(({ id }) => id === 'ann');
    system.exitSignal(ann?.pid as never, 'kill');
    await until(({ notices }) => notices[0]?.state === 'delivered');
    expect(mails.map(({ mayBeTwice }) => mayBeTwice)).toEqual([false, true]);
  });
});
