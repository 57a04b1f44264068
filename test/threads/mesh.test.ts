/** Several systems that reach each other, of which some die and are started again while others talk to them. */

import { type Threads, threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  type Call,
  type Message,
  name,
  type Outcome,
  type Pending,
  type Pid,
  type Ref,
  type Self,
} from 'beamish';
import { generator } from 'beamish/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deed, doer, echo, type Got } from '../contract/bodies.ts';
import { property, schedule } from '../support/property.ts';
import { Twin } from '../support/twin.ts';

const NAMES = ['main', 'thread-1', 'thread-2'];

interface Asking {
  call(to: unknown, what: object): Call<unknown>;
  request(to: unknown, what: object): Pending<unknown>;
}

/** What one actor has begun, and what has come of it. */
interface Notes {
  readonly by: Pid;
  readonly monitors: { readonly ref: Ref; readonly whom: Pid }[];
  readonly systems: { readonly ref: Ref; readonly which: number; readonly life: number }[];
  readonly outcomes: (Outcome<unknown> | undefined)[];
  asked: number;
  readonly got: Message[];
}

interface Step {
  readonly who: number;
  readonly whom: number;
  readonly what: 'monitor' | 'system' | 'link' | 'unlink' | 'kill' | 'ask' | 'pause' | 'restart';
}

/** The systems, in each of which one actor acts and one answers; those that are started again have others. */
class Mesh {
  readonly twin: Twin;
  readonly notes: Notes[] = [];
  readonly #answering: Pid[] = [];

  constructor(seed: number) {
    this.twin = new Twin({ seed, names: NAMES });
    for (const i of NAMES.keys()) this.#populate(i);
  }

  #populate(i: number): void {
    const pid = this.twin.system(i).spawn(answering);
    this.twin.system(i).register('answering', pid);
    this.#answering[i] = pid;
  }

  act(i: number, steps: readonly Step[]): void {
    const mesh = this;
    this.twin.system(i).spawn(function* (self: Self<Message>): Actor {
      self.trapExit(true);
      const notes: Notes = {
        by: self.pid,
        monitors: [],
        systems: [],
        outcomes: [],
        asked: 0,
        got: [],
      };
      mesh.notes.push(notes);
      for (const { what, whom } of steps) {
        mesh.#do(self, what, whom, notes);
        yield* self.yield();
        if (what === 'pause') yield* self.sleep(1);
      }
      for (;;) notes.got.push(yield* self.receive());
    });
  }

  #do(self: Self<Message>, what: Step['what'], which: number, notes: Notes): void {
    const whom = this.#answering[which] as Pid;
    switch (what) {
      case 'monitor':
        notes.monitors.push({ ref: self.monitor(whom), whom });
        break;
      case 'system':
        if (NAMES[which] !== self.pid.system) {
          const ref = self.monitorSystem(NAMES[which] as string);
          notes.systems.push({ ref, which, life: whom.incarnation });
        }
        break;
      case 'link':
        self.link(whom);
        break;
      case 'unlink':
        self.unlink(whom);
        break;
      case 'kill':
        self.exitSignal(whom, 'kill');
        break;
      case 'ask':
        this.#ask(self, notes, which % 2 === 0 ? whom : name('answering', NAMES[which]));
        break;
      case 'restart':
        // The main one outlives all others.
        if (which === 0) break;
        this.twin.restart(which);
        this.#populate(which);
    }
  }

  #ask(self: Self<Message>, notes: Notes, whom: unknown): void {
    const { outcomes } = notes;
    notes.asked++;
    self.spawn(function* (its: Self): Actor {
      const request = (its as unknown as Asking).request(whom, { tag: 'say', value: 1 });
      outcomes.push(yield* request.wait(1000));
    });
  }

  isAlive(pid: Pid): boolean {
    const system = this.twin.systems.find(({ root }) => root.incarnation === pid.incarnation);
    return system?.info(pid) !== undefined;
  }

  /** Whether a system has not been started again. */
  isLiving(which: number, life: number): boolean {
    return this.twin.system(which).root.incarnation === life;
  }
}

function* answering(self: Self<Message>): Actor {
  self.trapExit(true);
  for (;;) {
    const message = (yield* self.receive()) as Message & { value: unknown; replyTo: never };
    if (message.tag === 'say') self.send(message.replyTo, message.value as never);
  }
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(2),
  whom: fc.nat(2),
  what: fc.constantFrom<Step['what']>(
    'monitor',
    'monitor',
    'system',
    'link',
    'unlink',
    'kill',
    'ask',
    'ask',
    'pause',
    'restart',
  ),
});

property(
  'among systems that die and are started again each monitor fires once, each request ends, and no link is left to the dead',
  fc.asyncProperty(schedule, fc.array(step, { maxLength: 40 }), async (seed, steps) => {
    const mesh = new Mesh(seed);
    for (const i of NAMES.keys())
      mesh.act(
        i,
        steps.filter(({ who }) => who === i),
      );
    await mesh.twin.advance(100);

    // Of those in systems that were lost nothing is to be known.
    for (const { by, monitors, systems, got, outcomes, asked } of mesh.notes) {
      if (!mesh.isAlive(by)) continue;
      const news = (ref: Ref): number =>
        got.filter((each) => (each as { ref?: Ref }).ref === ref).length;
      for (const { ref, whom } of monitors) expect(news(ref)).toBe(mesh.isAlive(whom) ? 0 : 1);
      for (const { ref, which, life } of systems)
        expect(news(ref)).toBe(mesh.isLiving(which, life) ? 0 : 1);
      expect(outcomes).toHaveLength(asked);
      expect(outcomes).not.toContain(undefined);
    }
    for (const system of mesh.twin.systems)
      for (const { links } of system.actors())
        for (const link of links) expect(link.serial === 0 || mesh.isAlive(link)).toBe(true);
  }),
);

test.each([1, 2, 3])(
  'threads that are killed at random while actors of all of them watch each other, seed %i: all news comes, each once',
  async (seed) => {
    const random = generator(seed);
    const system = new ActorSystem({ log: 'off' });
    await using cores = await threads(system, {
      size: 3,
      restart: { intensity: 100 },
      systems: { log: 'off' },
    });
    await system.run(function* (self: Self<Message>): Actor {
      for (let round = 0; round < 4; round++) yield* killAmong(self, cores, random);
    });
  },
);

/** Actors of the second and third thread, and this one, watch and ask those of the first, which is killed at some moment of that. */
function* killAmong(self: Self<Message>, cores: Threads, random: () => number): Actor {
  const { call, request } = self as unknown as Asking;
  self.trapExit(true);
  const victims = [0, 1, 2].map(() => self.spawn(cores.at(echo, { thread: 0 })));
  const watchers = [1, 2].map((thread) =>
    self.spawn(cores.at(doer, { thread }), self.pid as Pid<Got>),
  );
  const order = (to: Pid, deed: Deed): Pending<unknown> =>
    request.call(self, to, { tag: 'order', deed });
  const killAt = Math.floor(random() * 30);
  const orders: Pending<unknown>[] = [];
  const asked: Pending<unknown>[] = [];
  const mine: Ref[] = [];
  for (let i = 0; i < 30; i++) {
    if (i === killAt) cores.kill(0);
    const victim = victims[Math.floor(random() * victims.length)] as Pid;
    for (const to of watchers) orders.push(order(to, { do: 'monitor', to: victim }));
    mine.push(self.monitor(victim));
    asked.push(request.call(self, victim, { tag: 'say', value: i }));
    if (random() < 0.5) yield* self.sleep(1);
  }
  const refs: Ref[] = [];
  for (const each of orders) {
    const outcome = yield* each.wait('infinity');
    expect(outcome).toMatchObject({ ok: true });
    refs.push((outcome as { value: Ref }).value);
  }
  for (const each of asked) expect(yield* each.wait('infinity')).toBeDefined();
  const heard: Ref[] = [];
  while (heard.length < refs.length)
    heard.push(((yield* self.receive('got')) as unknown as { message: { ref: Ref } }).message.ref);
  const downs: Ref[] = [];
  while (downs.length < mine.length) downs.push((yield* self.receive('DOWN')).ref);
  // By now whatever came twice would be there.
  for (const to of watchers) {
    yield* call.call(self, to, { tag: 'order', deed: { do: 'self' } });
    self.exitSignal(to, 'kill');
  }
  expect(new Set(heard)).toEqual(new Set(refs));
  expect(new Set(downs)).toEqual(new Set(mine));
  expect(yield* self.receive().after(0)).toBeUndefined();
}
