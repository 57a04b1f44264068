/** The mailbox against a naive model: a list, of which a receive takes the first that it wants. */

import { type Actor, configure, type Message, type Pid, type Self } from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';

interface Item extends Message {
  readonly tag: 'a' | 'b' | 'c' | 'd' | 'e' | 'f';
  readonly n: number;
}
const TAGS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

const burst = fc.record({
  count: fc.oneof(
    { weight: 5, arbitrary: fc.nat(6) },
    { weight: 1, arbitrary: fc.integer({ min: 60, max: 300 }) },
  ),
  tags: fc.subarray([...TAGS], { minLength: 1 }),
  signals: fc.boolean(),
  ms: fc.nat(2),
});
type Burst = typeof burst extends fc.Arbitrary<infer B> ? B : never;

const take = fc.record({
  tags: fc.oneof(fc.subarray([...TAGS, 'EXIT'] as const, { minLength: 1 }), fc.constant([])),
  /** Takes only what has such a number. */
  multiplesOf: fc.option(fc.integer({ min: 2, max: 4 }), { nil: undefined }),
  after: fc.option(fc.nat(2), { nil: undefined }),
  times: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(40)),
});
type Take = typeof take extends fc.Arbitrary<infer T> ? T : never;

const bounds = fc.option(
  fc.record({
    limit: fc.integer({ min: 1, max: 20 }),
    overflow: fc.constantFrom('drop_newest', 'drop_oldest', 'wait'),
  }),
  { nil: undefined },
);

/** What must be in the mailbox. */
class Model {
  readonly inside: Message[] = [];
  readonly faults: string[] = [];
  #wants: (message: Message) => boolean = () => true;

  begin(wants: (message: Message) => boolean): void {
    this.#wants = wants;
  }

  received(message: Message): void {
    const first = this.inside.findIndex(this.#wants);
    if (this.inside[first] !== message)
      this.faults.push(`took ${show(message)} instead of ${show(this.inside[first])}`);
    this.remove(message);
  }

  timedOut(): void {
    const first = this.inside.find(this.#wants);
    if (first !== undefined) this.faults.push(`timed out though there was ${show(first)}`);
  }

  remove(message: Message): void {
    const at = this.inside.indexOf(message);
    if (at === -1) this.faults.push(`${show(message)} was never there, or is gone`);
    else this.inside.splice(at, 1);
  }
}

function show(message: Message | undefined): string {
  return message === undefined ? 'nothing' : `${message.tag} ${numberOf(message)}`;
}

function numberOf(message: Message): number {
  return Number((message as { n?: unknown }).n ?? (message as { reason?: unknown }).reason);
}

property(
  'a receive takes the first message that it wants; the mailbox is what was sent, in order, without what was taken or dropped',
  fc.asyncProperty(
    schedule,
    fc.array(fc.array(burst, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    fc.array(take, { maxLength: 12 }),
    bounds,
    fc.boolean(),
    async (seed, senders, takes, mailbox, asynchronous) => {
      const system = testSystem({ seed });
      const model = new Model();
      const body = asynchronous ? asyncTaking : taking;
      const receiver = system.spawn(
        mailbox === undefined ? body : configure(body, { mailbox }),
        takes,
        model,
      );
      watch(system, receiver, model);
      await system.settle();
      for (const bursts of senders) system.spawn(sending, bursts, receiver);
      await system.advance(5_000);

      expect(model.faults).toEqual([]);
      expect(model.inside).toEqual([]);
      expect(system.reasonOf(receiver)).toBe('normal');
    },
  ),
);

/** Lets the model see what is sent to an actor, and what it takes. */
function watch(system: TestSystem, receiver: Pid, model: Model): void {
  system.tap = {
    sent(_, to, message) {
      if (to === receiver) model.inside.push(message as Message);
    },
    received(pid, message) {
      if (pid === receiver) model.received(message as Message);
    },
  };
  system.events.on('dead_letter', ({ to, message }) => {
    if (to === receiver) model.remove(message as Message);
  });
}

function* sending(self: Self, bursts: readonly Burst[], to: Pid<Item>): Actor {
  let n = 0;
  for (const { count, tags, signals, ms } of bursts) {
    for (let i = 0; i < count; i++, n++) {
      if (signals && i % 5 === 4) self.exitSignal(to, n);
      else self.send(to, { tag: tags[i % tags.length] as Item['tag'], n });
      if (i % 7 === 6) yield* self.yield();
    }
    yield* self.sleep(ms);
  }
}

function* taking(self: Self<Item>, takes: readonly Take[], model: Model): Actor {
  self.trapExit(true);
  for (const { tags, multiplesOf, after = 50, times } of takes) {
    const [first, ...others] = tags;
    for (let i = 0; i < times; i++) {
      model.begin(
        (message) =>
          (first === undefined || (tags as readonly string[]).includes(message.tag)) &&
          (multiplesOf === undefined || numberOf(message) % multiplesOf === 0),
      );
      const receive = first === undefined ? self.receive() : self.receive(first, ...others);
      const guarded =
        multiplesOf === undefined
          ? receive
          : receive.where((message: Message) => numberOf(message) % multiplesOf === 0);
      if ((yield* guarded.after(after)) === undefined) {
        model.timedOut();
        break;
      }
    }
  }
  model.begin(() => true);
  while ((yield* self.receive().after(20)) !== undefined);
}

async function asyncTaking(self: Self<Item>, takes: readonly Take[], model: Model): Promise<void> {
  await self.perform(taking(self, takes, model));
}

/** What an actor does to its own long mailbox. */
const deed = fc.oneof(
  fc.record({ does: fc.constantFrom('send', 'take'), tag: fc.constantFrom(...TAGS) }),
  fc.record({ does: fc.constantFrom('take newest', 'take any', 'poll in vain') }),
  fc.record({ does: fc.constant('take number'), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

property(
  'a long mailbox out of which messages of some tags are taken again and again is still that list',
  fc.asyncProperty(
    schedule,
    fc.integer({ min: 60, max: 140 }),
    fc.array(deed, { minLength: 20, maxLength: 120 }),
    async (seed, count, deeds) => {
      const system = testSystem({ seed });
      const model = new Model();
      const pid = system.spawn(hoarding, count, deeds, model);
      watch(system, pid, model);
      await system.settle();

      expect(model.faults).toEqual([]);
      expect(model.inside).toEqual([]);
      expect(system.reasonOf(pid)).toBe('normal');
    },
  ),
);

function* hoarding(self: Self<Item>, count: number, deeds: readonly Deed[], model: Model): Actor {
  let n = 0;
  const send = (tag: Item['tag']): void => self.send(self.pid, { tag, n: n++ });
  const numbered = (wanted: number) => (message: Message) => numberOf(message) === wanted;
  for (let i = 0; i < count; i++) send(i % 30 < 5 ? (TAGS[i % 30] as Item['tag']) : 'a');
  // Looking for what is not there makes it worth an index.
  for (let i = 0; i < 8; i++) {
    model.begin(({ tag }) => tag === 'f');
    yield* self.receive('f').after(0);
  }
  for (const deed of deeds) {
    if ('part' in deed) {
      const wanted = numberOf(model.inside[Math.floor(deed.part * model.inside.length)] ?? NONE);
      model.begin(numbered(wanted));
      yield* self.receive().where(numbered(wanted)).after(0);
    } else if ('tag' in deed) {
      if (deed.does === 'send') send(deed.tag);
      model.begin(({ tag }) => tag === deed.tag);
      if (deed.does === 'take' && (yield* self.receive(deed.tag).after(0)) === undefined)
        model.timedOut();
    } else if (deed.does === 'take newest') {
      const wanted = numberOf(model.inside.at(-1) ?? NONE);
      model.begin(numbered(wanted));
      yield* self.receive().where(numbered(wanted)).after(0);
    } else if (deed.does === 'take any') {
      model.begin(() => true);
      yield* self.receive().after(0);
    } else {
      model.begin(({ tag }) => tag === 'DOWN');
      yield* self.receive('DOWN').after(0);
    }
  }
  model.begin(() => true);
  while ((yield* self.receive().after(0)) !== undefined);
}

const NONE: Item = { tag: 'f', n: -1 };
