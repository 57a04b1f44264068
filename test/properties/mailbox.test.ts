/** The mailbox against a naive model: a list, of which a receive takes the first that it wants. */

import { type Actor, configure, type Message, type Pid, type Self } from 'beamish';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';
import { testSystem } from '../support/test-system.ts';

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
      system.tap = {
        spawned() {},
        sent(_, to, message) {
          if (to === receiver) model.inside.push(message as Message);
        },
        received(pid, message) {
          if (pid === receiver) model.received(message as Message);
        },
        turned() {},
        exited() {},
      };
      system.events.on('dead_letter', ({ to, message }) => {
        if (to === receiver) model.remove(message as Message);
      });
      await system.settle();
      for (const bursts of senders) system.spawn(sending, bursts, receiver);
      await system.advance(5_000);

      expect(model.faults).toEqual([]);
      expect(model.inside).toEqual([]);
      expect(system.reasonOf(receiver)).toBe('normal');
    },
  ),
);

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
