/** Calls against late replies, no replies, double replies and ends, however the schedule goes. */

import {
  type Actor,
  CallFailed,
  type Message,
  type Operation,
  type Pid,
  type ReplyTo,
  type Self,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { property, schedule } from '../support/property.ts';

interface Ask extends Message {
  readonly tag: 'ask';
  readonly id: string;
  readonly how: How;
  readonly replyTo: ReplyTo<string>;
}

/** What a server does with a question; times in ms. */
type How =
  | { readonly kind: 'at once' | 'never' | 'twice' | 'die' }
  | { readonly kind: 'after'; readonly ms: number };

const how: fc.Arbitrary<How> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('at once', 'never', 'twice') }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('after'), ms: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die') }) },
);
const question = fc.record({
  to: fc.nat(1),
  how,
  within: fc.nat(8),
  /** Asked as a request, and awaited this much later; undefined: called. */
  later: fc.option(fc.nat(4), { nil: undefined }),
});
type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

interface Outcome {
  readonly id: string;
  readonly question: Question;
  readonly got: string | { readonly failed: unknown };
}

interface Log {
  /** Replies that servers sent. */
  sent: number;
  readonly outcomes: Outcome[];
  /** What came into the mailbox of a caller. */
  readonly stray: Message[];
}

property(
  'a call gets the reply to its own question or fails, and once it was given up nothing comes of it',
  fc.asyncProperty(
    schedule,
    fc.array(fc.array(question, { maxLength: 5 }), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    async (seed, callers, asynchronous) => {
      const system = testSystem({ seed });
      const log: Log = { sent: 0, outcomes: [], stray: [] };
      const servers = [system.spawn(answering, log), system.spawn(answering, log)];
      for (const [i, questions] of callers.entries())
        system.spawn(asynchronous ? asyncAsking : asking, i, questions, servers, log);
      await system.advance(200);

      expect(log.stray).toEqual([]);
      expect(log.outcomes).toHaveLength(callers.flat().length);
      for (const outcome of log.outcomes) expectRight(system, outcome, servers);
      const replies = log.outcomes.filter(({ got }) => typeof got === 'string').length;
      const late = system.told('dead_letter').filter(({ why }) => why === 'late_reply').length;
      expect(replies + late).toBe(log.sent);
      expect(system.actors().flatMap(({ monitors }) => monitors)).toEqual([]);
    },
  ),
);

function expectRight(
  system: TestSystem,
  { id, question, got }: Outcome,
  servers: readonly Pid<Ask>[],
): void {
  const { how, within, later = 0 } = question;
  if (typeof got === 'string') return expect(got).toBe(id);
  const { failed } = got;
  if (failed === 'timeout') {
    const takes = how.kind === 'after' ? how.ms : how.kind === 'never' ? 1_000 : 0;
    return expect(takes).toBeGreaterThanOrEqual(within + later);
  }
  expect(system.reasonOf(servers[question.to] as Pid)).toBe('died');
  expect(['died', 'noproc']).toContain(failed);
}

function* answering(self: Self<Ask>, log: Log): Actor {
  for (;;) {
    const { id, how, replyTo } = yield* self.receive('ask');
    if (how.kind === 'die') self.exit('died');
    const times = { 'at once': 1, never: 0, twice: 2, after: 1 }[how.kind];
    for (let i = 0; i < times; i++) {
      log.sent++;
      if (how.kind === 'after') self.sendAfter(how.ms, replyTo, id);
      else self.send(replyTo, id);
    }
  }
}

function* asking(
  self: Self,
  caller: number,
  questions: readonly Question[],
  servers: readonly Pid<Ask>[],
  log: Log,
): Actor {
  const pending = [];
  for (const [n, question] of questions.entries()) {
    const id = `${caller}-${n}`;
    const to = servers[question.to] as Pid<Ask>;
    const ask = { tag: 'ask', id, how: question.how } as const;
    if (question.later !== undefined) {
      pending.push({ id, question, request: self.request(to, ask) });
      continue;
    }
    yield* outcomeOf(id, question, () => self.call(to, ask).within(question.within), log);
  }
  for (const { id, question, request } of pending) {
    yield* self.sleep(question.later ?? 0);
    yield* outcomeOf(id, question, () => request.reply().within(question.within), log);
  }
  for (;;) log.stray.push(yield* self.receive());
}

async function asyncAsking(
  self: Self,
  caller: number,
  questions: readonly Question[],
  servers: readonly Pid<Ask>[],
  log: Log,
): Promise<void> {
  await self.perform(asking(self, caller, questions, servers, log));
}

function* outcomeOf(
  id: string,
  question: Question,
  reply: () => Operation<string>,
  log: Log,
): Actor {
  try {
    log.outcomes.push({ id, question, got: yield* reply() });
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    log.outcomes.push({ id, question, got: { failed: error.reason } });
  }
}
