/** Links against a naive model, and their symmetry in the middle of everything. */

import type { Actor, Exit, Pid, Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';
import { BODIES, type Puppet, puppet } from '../support/puppet.ts';

const ACTORS = 5;
const actor = fc.nat(ACTORS - 1);
const reason = fc.constantFrom('normal', 'shutdown', 'kill', 'boom');

const deed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('link'), by: actor, to: actor }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('unlink'), by: actor, to: actor }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('signal'), by: actor, to: actor, reason }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('exit'), by: actor, reason }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('trap'), by: actor, on: fc.boolean() }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

function act(self: Self, deed: Deed, pids: readonly Pid[]): void {
  const to = 'to' in deed ? (pids[deed.to] as Pid) : self.pid;
  if (deed.does === 'link') self.link(to);
  else if (deed.does === 'unlink') self.unlink(to);
  else if ('on' in deed) self.trapExit(deed.on);
  else if ('to' in deed) self.exitSignal(to, (deed as { reason: string }).reason);
  else self.exit((deed as { reason: string }).reason);
}

/** Links and ends as the manual says, one deed at a time. */
class Model {
  readonly reasons = new Map<number, string>();
  readonly mail = Array.from({ length: ACTORS }, (): string[] => []);
  readonly #links = new Set<string>();
  readonly #trapping = new Set<number>();

  isAlive(i: number): boolean {
    return !this.reasons.has(i);
  }

  peersOf(i: number): number[] {
    return [...Array(ACTORS).keys()].filter((j) => this.#links.has(pairOf(i, j)));
  }

  does(deed: Deed): void {
    const { by } = deed;
    if ('on' in deed) {
      if (deed.on) this.#trapping.add(by);
      else this.#trapping.delete(by);
    } else if (deed.does === 'exit') {
      this.#end(by, (deed as { reason: string }).reason);
    } else if (!('to' in deed)) {
      return;
    } else if (deed.does === 'link') {
      if (deed.to === by) return;
      if (this.isAlive(deed.to)) this.#links.add(pairOf(by, deed.to));
      else this.#linkedEnd(deed.to, by, 'noproc');
    } else if (deed.does === 'unlink') {
      this.#links.delete(pairOf(by, deed.to));
    } else {
      this.#signal(by, deed.to, (deed as { reason: string }).reason);
    }
  }

  #signal(from: number, to: number, reason: string): void {
    if (!this.isAlive(to)) return;
    if (reason === 'kill') this.#end(to, 'killed');
    else if (this.#trapping.has(to)) this.mail[to]?.push(`${reason} from ${from}`);
    else if (reason !== 'normal' || from === to) this.#end(to, reason);
  }

  #end(i: number, reason: string): void {
    this.reasons.set(i, reason);
    for (const peer of this.peersOf(i)) {
      this.#links.delete(pairOf(i, peer));
      this.#linkedEnd(i, peer, reason);
    }
  }

  #linkedEnd(from: number, to: number, reason: string): void {
    if (!this.isAlive(to)) return;
    if (this.#trapping.has(to)) this.mail[to]?.push(`${reason} from ${from}`);
    else if (reason !== 'normal') this.#end(to, reason);
  }
}

function pairOf(i: number, j: number): string {
  return i < j ? `${i}-${j}` : `${j}-${i}`;
}

property(
  'links, ends and EXIT messages are those of a naive model, whatever is done',
  fc.asyncProperty(
    schedule,
    fc.array(deed, { maxLength: 25 }),
    fc.constantFrom(...BODIES),
    async (seed, deeds, body) => {
      const system = testSystem({ seed });
      const model = new Model();
      const puppets: Puppet[] = [];
      for (let i = 0; i < ACTORS; i++) puppets.push(await puppet(system, { body }));
      const pids = puppets.map(({ pid }) => pid);
      for (const deed of deeds) {
        if (!model.isAlive(deed.by)) continue;
        await puppets[deed.by]?.does((self) => act(self as unknown as Self, deed, pids));
        model.does(deed);
        for (const [i, pid] of pids.entries()) {
          const links = system.info(pid)?.links;
          expect(links === undefined).toBe(!model.isAlive(i));
          if (links !== undefined)
            expect(new Set(links)).toEqual(new Set(model.peersOf(i).map((j) => pids[j])));
        }
      }
      for (const [i, pid] of pids.entries()) {
        if (!model.isAlive(i)) expect(system.reasonOf(pid)).toBe(model.reasons.get(i));
        else expect(await exitsOf(puppets[i] as Puppet, pids)).toEqual(model.mail[i]?.sort());
      }
    },
  ),
);

/** The EXITs in a mailbox; those of one moment have no order between them. */
async function exitsOf(of: Puppet, pids: readonly Pid[]): Promise<string[]> {
  const exits = (await of.mail()) as readonly Exit[];
  return exits.map(({ from, reason }) => `${String(reason)} from ${pids.indexOf(from)}`).sort();
}

property(
  'after every turn of any interleaving of link, unlink and exit, of two living actors both list the other or neither',
  fc.asyncProperty(
    schedule,
    fc.array(deed, { maxLength: 40 }),
    fc.array(fc.boolean(), { minLength: ACTORS, maxLength: ACTORS }),
    async (seed, deeds, asynchronous) => {
      const system = testSystem({ seed });
      const pids: Pid[] = [];
      const broken: string[] = [];
      system.tap = { turned: () => broken.push(...asymmetries(system)) };
      for (let i = 0; i < ACTORS; i++) {
        const own = deeds.filter(({ by }) => by === i);
        pids.push(system.spawn(asynchronous[i] === true ? asyncActing : acting, own, pids));
      }
      await system.settle();

      expect(broken).toEqual([]);
      const alive = new Set(system.actors().map(({ pid }) => pid));
      for (const { pid, links } of system.actors()) {
        for (const peer of links) expect(alive, `${String(pid)} lists the dead`).toContain(peer);
      }
    },
  ),
);

function asymmetries(system: TestSystem): string[] {
  return system
    .actors()
    .flatMap(({ pid, links }) =>
      links
        .filter((peer) => system.info(peer)?.links.includes(pid) === false)
        .map((peer) => `${String(pid)} lists ${String(peer)}, which does not list it`),
    );
}

function* acting(self: Self, deeds: readonly Deed[], pids: readonly Pid[]): Actor {
  for (const deed of deeds) {
    act(self, deed, pids);
    yield* self.yield();
  }
  for (;;) yield* self.receive();
}

async function asyncActing(
  self: Self,
  deeds: readonly Deed[],
  pids: readonly Pid[],
): Promise<void> {
  for (const deed of deeds) {
    act(self, deed, pids);
    await self.yield();
  }
  for (;;) await self.receive();
}
