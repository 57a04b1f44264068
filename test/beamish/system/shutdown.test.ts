/** The end of a system: it always comes, and nothing is left after it. */

import { type Actor, child, type Message, name, type Self, server, supervisor } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { whenShutDown } from 'beamish/transport';
import { describe, expect, test } from 'vitest';
import { plain } from '../../support/recorder.ts';
import { everySchedule } from '../../support/schedules.ts';
import { answer } from '../../support/supervised.ts';

/** How long a shutdown took, in virtual ms; undefined if it does not end. */
async function shutdownMs(system: TestSystem, atMost: number): Promise<number | undefined> {
  const began = system.clock.now();
  let took: number | undefined;
  void system.shutdown().then(() => {
    took = system.clock.now() - began;
  });
  await system.advance(atMost);
  return took;
}

const hung = server(async () => {
  await new Promise(() => {});
  return {};
});

describe('a child that hangs in its init', () => {
  test('is killed, and what was started before it ends in order', async () => {
    await everySchedule(10, async (system) => {
      const log: string[] = [];
      const orderly = server((self) => {
        self.trapExit(true);
        return { terminate: (reason) => void log.push(`orderly ${String(reason)}`) };
      });
      const children = [child('orderly', orderly), child('hung', hung)];
      system.start(supervisor({ children })).catch((error) => log.push(error.name));
      await system.settle();
      expect(await shutdownMs(system, 60_000)).toBeLessThanOrEqual(2000);
      expect(log).toEqual(['orderly shutdown', 'StartFailed']);
    });
  });

  test('is killed below other supervisors, and when it was started again while they end', async () => {
    const system = testSystem();
    let starts = 0;
    const once = server(async (self) => {
      self.trapExit(true);
      if (++starts > 1) await new Promise(() => {});
      return {};
    });
    const slow = server((self) => {
      self.trapExit(true);
      return {
        *terminate(): Actor {
          yield* self.sleep(3000);
        },
      };
    });
    const inner = supervisor({ children: [child({ id: 'once', name: 'once' }, once)] });
    const children = [child('inner', inner), child('slow', slow)];
    system.start(supervisor({ children })).catch(() => {});
    await system.settle();
    const ended = shutdownMs(system, 60_000);
    system.exitSignal(system.whereis('once') as never, 'kill');
    expect(await ended).toBeLessThanOrEqual(6000);
    expect(starts).toBe(2);
  });

  test('ends when an actor that traps exits waits for it', async () => {
    const system = testSystem();
    const outcomes: unknown[] = [];
    const pid = system.spawn(function* (self: Self): Actor {
      self.trapExit(true);
      outcomes.push(yield* self.startLink(hung));
      outcomes.push((yield* self.receive('EXIT')).reason);
    });
    await system.settle();
    expect(await shutdownMs(system, 60_000)).toBeLessThanOrEqual(2000);
    expect(outcomes).toEqual([{ ok: false, reason: 'shutdown' }, 'shutdown']);
    expect(system.reasonOf(pid)).toBe('normal');
  });
});

describe('who is spawned while others end', () => {
  test('is asked to end like them, if it comes of one who was asked', async () => {
    const system = testSystem();
    const log: string[] = [];
    const helper = server((self) => {
      self.trapExit(true);
      return { terminate: () => void log.push('helper') };
    });
    const main = server((self) => {
      self.trapExit(true);
      return {
        *terminate(): Actor {
          yield* self.startLink(helper);
          log.push('main');
        },
      };
    });
    await answer(system, system.start(main));
    expect(await shutdownMs(system, 60_000)).toBe(0);
    expect(log.toSorted()).toEqual(['helper', 'main']);
  });

  test('ends before it begins, once all have been asked: no chain of heirs goes on for ever', async () => {
    await everySchedule(2, async (system) => {
      let heirs = 0;
      system.spawn(function* heir(self: Self): Actor {
        heirs++;
        self.trapExit(true);
        yield* self.receive('EXIT');
        self.spawn(heir);
      });
      await system.settle();
      expect(await shutdownMs(system, 60_000)).toBeDefined();
      expect(heirs).toBeLessThanOrEqual(3);
      expect(system.actors()).toEqual([]);
    });
  });

  test('by a listener of ends, from outside, is refused in the end, and the listener told of', async () => {
    const system = testSystem();
    let spawned = 0;
    function* idle(self: Self): Actor {
      yield* self.receive();
    }
    system.events.on('exit', () => {
      system.spawn(idle);
      spawned++;
    });
    system.spawn(idle);
    await system.settle();
    expect(await shutdownMs(system, 60_000)).toBeDefined();
    expect(spawned).toBeLessThan(10);
    expect(() => system.spawn(idle)).toThrow('has been shut down');
  });
});

describe('timers', () => {
  test('end with the system, whomever they are for', async () => {
    const system = testSystem();
    const ref = system.sendInterval(100, name<Message>('nobody'), plain('tick'));
    system.sendAfter(5000, name<Message>('nobody'), plain('once'));
    expect(await shutdownMs(system, 0)).toBe(0);
    await system.advance(60_000);
    expect(system.told('dead_letter')).toEqual([]);
    expect(system.readTimer(ref)).toBe(false);
    expect(system.clock.isSilent).toBe(true);
  });

  test('are not started after its end', async () => {
    const system = testSystem();
    await shutdownMs(system, 0);
    const ref = system.sendInterval(100, name<Message>('nobody'), plain('tick'));
    await system.settle();
    expect(system.cancelTimer(ref)).toBe(false);
    expect(system.clock.isSilent).toBe(true);
  });

  test('to an actor that is about to end are no dead letters', async () => {
    const system = testSystem();
    const ticking = server((self) => {
      self.sendInterval(2, self.pid, plain('tick') as never);
      return { info: { tick: () => {} } as never };
    });
    await answer(system, system.start(ticking));
    await system.advance(3);
    // Both are due in the same slice: the end comes first.
    void system.shutdown();
    system.clock.skip(10);
    await system.advance(10);
    expect(system.told('dead_letter')).toEqual([]);
  });
});

test('one that fails to close keeps no other from it, and the shutdown says so', async () => {
  const system = testSystem();
  const closed: string[] = [];
  whenShutDown(system, () => Promise.reject(new Error('stuck')));
  whenShutDown(system, async () => void closed.push('second'));
  const shutdown = system.shutdown();
  shutdown.catch(() => {});
  await system.settle();
  await expect(shutdown).rejects.toThrow('stuck');
  expect(closed).toEqual(['second']);
});
