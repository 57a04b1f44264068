/** Whether a program runs the same with and without an observer. */

import { type Observer, observe, servePage } from '@beamish/observer';
import {
  type Actor,
  ActorSystem,
  child,
  type Message,
  type Name,
  name,
  type ReplyTo,
  type Self,
  supervisor,
} from 'beamish';
import { listen } from 'beamish/observation';
import { type TestSystem, testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { stateOfSystem } from '../../packages/beamish/src/system/system.ts';
import { heapInUse } from '../support/heap.ts';
import { seeds } from '../support/schedules.ts';

const SEEDS = Number(process.env['BEAMISH_OBSERVED_SEEDS'] ?? 200);

interface Ask extends Message {
  readonly tag: 'ask';
  readonly n: number;
  readonly replyTo: ReplyTo<number>;
}
interface Note extends Message {
  readonly tag: 'note' | 'other';
  readonly n: number;
}

/** Sends, receives selectively, calls, lets time-outs pass, links, crashes and is restarted: as chance has it. */
function* member(self: Self<Ask | Note>, peers: readonly string[]): Actor {
  const pick = () => name<Ask & Note>(peers[Math.floor(self.random() * peers.length)] as string);
  for (let step = 0; step < 30; step++) {
    const chance = self.random();
    if (chance < 0.3)
      self.send(pick() as never, { tag: self.random() < 0.5 ? 'note' : 'other', n: step } as never);
    else if (chance < 0.5) yield* self.receive('note').after(Math.floor(self.random() * 4));
    else if (chance < 0.6) yield* self.receive('other').after(2);
    else if (chance < 0.75) {
      try {
        yield* self.call(pick() as Name<Ask>, { tag: 'ask', n: step }).within(3);
      } catch {
        self.monitor(self.pid);
      }
    } else if (chance < 0.9) {
      const asked = yield* self.receive('ask').after(1);
      if (asked !== undefined) self.send(asked.replyTo, asked.n);
    } else if (chance < 0.94) self.spawnLink(brief);
    else if (chance < 0.96) throw new Error(`Broke at ${step}`);
    else yield* self.sleep(1);
  }
}

function* brief(self: Self): Actor {
  yield* self.sleep(1);
}

/** Everything that happens, with numbers of actors, refs and chance in it. */
async function trace(
  seed: number,
  watch?: (system: TestSystem) => Promise<{ look(): Promise<void>; close(): Promise<void> }>,
): Promise<string> {
  const system = testSystem({ seed });
  const lines: string[] = [];
  const show = (what: unknown) =>
    typeof what === 'object' && what !== null && 'tag' in what ? String(what.tag) : String(what);
  listen(system, {
    spawned: (pid, parent, body) => lines.push(`spawned ${pid} ${parent} ${body}`),
    sent: (from, to, message, kind) => lines.push(`sent ${from} ${to} ${show(message)} ${kind}`),
    received: (pid, message) => lines.push(`received ${pid} ${show(message)}`),
    timedOut: (pid) => lines.push(`timedOut ${pid}`),
    turned: (pid, isReceiving) => lines.push(`turned ${pid} ${isReceiving}`),
    exited: (pid, reason) => lines.push(`exited ${pid} ${reason}`),
    linked: (a, b, on) => lines.push(`linked ${a} ${b} ${on}`),
    monitored: (a, b, on) => lines.push(`monitored ${a} ${b} ${on}`),
    named: (its, pid) => lines.push(`named ${its} ${pid}`),
  });
  const watching = await watch?.(system);
  const peers = ['a', 'b', 'c', 'd'];
  const starting = system.start(
    supervisor({
      intensity: 100,
      children: peers.map((id) => child({ id, name: id, restart: 'transient' }, member, peers)),
    }),
  );
  await system.result(starting.catch(() => {}));
  for (let i = 0; i < 12; i++) {
    await watching?.look();
    await system.advance(3);
  }
  lines.push(`random ${system.random()}`, `now ${system.now()}`);
  const all = lines.join('\n').replaceAll(/\d{9}/g, 'incarnation');
  // Else it would look on, beside all that come.
  await watching?.close();
  return all;
}

/** Looks at everything that there is to look at. */
async function lookAtAll(observer: Observer): Promise<void> {
  const [first] = await observer.actors({ ended: true });
  await Promise.all([
    observer.snapshot(),
    observer.tree(),
    observer.waiting(),
    observer.waitGraph(),
    observer.sequence(),
    observer.top('links'),
    observer.doctor(),
    first && observer.actor(first.pid),
  ]);
}

test(`OBS-90 a program runs the same with looks and recordings in the middle of it, under ${SEEDS} seeds`, async () => {
  let events = 0;
  for (const seed of seeds(SEEDS)) {
    const alone = await trace(seed);
    events += alone.split('\n').length;
    const seen = await trace(seed, async (system) => {
      const observer = observe(system, { messages: seed % 2 === 0 ? 'always' : 'watched' });
      // In the middle of turns, too.
      listen(system, {
        turning: () => {
          if (system.now() % 7 === 0) void observer.actors();
        },
      });
      return { look: () => lookAtAll(observer), close: () => observer.close() };
    });
    expect(seen, `BEAMISH_SEED=${seed}`).toBe(alone);
  }
  expect(events).toBeGreaterThan(SEEDS * 50);
}, 180_000);

test('OBS-90 a program runs the same with a client of its page', async () => {
  for (const seed of seeds(5)) {
    const alone = await trace(seed);
    const seen = await trace(seed, async (system) => {
      const observer = observe(system);
      const page = await servePage(observer);
      const ending = new AbortController();
      const response = await fetch(`http://127.0.0.1:${page.port}/events`, {
        headers: { authorization: `Bearer ${page.token}` },
        signal: ending.signal,
      });
      expect(response.status).toBe(200);
      return {
        look: () => new Promise((resolve) => setTimeout(resolve, 30)),
        async close() {
          ending.abort();
          await page.close();
          await observer.close();
        },
      };
    });
    expect(seen, `BEAMISH_SEED=${seed}`).toBe(alone);
  }
}, 60_000);

test('OBS-91 nobody has a message, a link or a monitor more', async () => {
  const system = testSystem();
  const pid = system.spawn(function* quiet(self: Self): Actor {
    yield* self.receive('$never' as never);
  });
  await system.settle();
  const before = JSON.stringify(system.info(pid));
  await using observer = observe(system, { messages: 'always' });
  await lookAtAll(observer);
  await system.settle();
  expect(JSON.stringify(system.info(pid))).toBe(before);
  expect(system.mailbox(pid)).toEqual([]);
  expect(system.spawn(function* () {}).serial).toBe(2);
  await system.settle();
});

test('OBS-92 after close, nothing of it listens', async () => {
  const system = new ActorSystem({ log: 'off' });
  const sites = () => {
    const { tapSpawned } = stateOfSystem(system);
    const { events } = system;
    const { isHeard } = events as unknown as { isHeard(event: string): boolean };
    return [
      ...(tapSpawned === undefined ? [] : ['spawned']),
      ...(isHeard.call(events, 'exit') ? ['exit'] : []),
    ];
  };
  const observer = observe(system);
  expect(sites()).toEqual([]);
  await observer.snapshot();
  const events = observer.events()[Symbol.asyncIterator]();
  expect(sites()).toEqual(['spawned', 'exit']);
  await events.return?.();
  await observer.close();
  expect(sites()).toEqual([]);
});

test('OBS-93 before anybody looks there is no timer, no port, and little on the heap', async () => {
  const system = new ActorSystem({ log: 'off' });
  // What is made once, whoever observes.
  await observe(system).close();
  const heap = await heapInUse();
  const before = process.getActiveResourcesInfo();
  const observer = observe(system);
  expect(process.getActiveResourcesInfo()).toEqual(before);
  expect((await heapInUse()) - heap).toBeLessThan(100_000);
  await observer.close();
});

test('OBS-96 a fault of a listener harms no turn: the actor goes on, and the listener is out', async () => {
  const system = testSystem();
  const taken: number[] = [];
  const pid = system.spawn(function* taking(self: Self<Note>): Actor {
    for (;;) {
      const { n } = yield* self.receive('note');
      taken.push(n);
    }
  });
  await using observer = observe(system, {
    messages: 'always',
    payloads: {
      redact: () => {
        throw new Error('Not mine to judge');
      },
    },
  });
  for (let n = 0; n < 3; n++) system.send(pid, { tag: 'note', n });
  await system.settle();
  expect(taken).toEqual([0, 1, 2]);
  expect((await observer.sequence()).messages).toHaveLength(3);
});
