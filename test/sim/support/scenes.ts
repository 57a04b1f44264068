/** The programs whose schedules are counted. */

import {
  type Exhaustive,
  type Exploration,
  explore,
  type Scenario,
  type SimOptions,
} from '@beamish/sim';
import type { Actor, Message, Pid, Self } from 'beamish';

export type Any = Message & { readonly [key: string]: unknown };
export type Body = (self: Self<Any>, ...args: never[]) => Actor<unknown>;

/** By all interleavings, by the order of arrivals, and by what is taken: how many schedules there are. */
export async function counts(
  scenario: Scenario<Any>,
  options: SimOptions & { readonly naive?: boolean } = {},
): Promise<number[]> {
  const { naive = true, ...others } = options;
  const found: number[] = [];
  for (const strategy of naive ? WAYS : WAYS.slice(1))
    found.push((await all(scenario, strategy, others)).runs);
  return found;
}

const WAYS: readonly Exhaustive[] = [
  { every: 'interleaving' },
  { every: 'order_of_arrival' },
  { every: 'order_taken' },
];

/** @throws Error if it does not end. */
export async function all(
  scenario: Scenario<Any>,
  strategy: Exhaustive,
  options: SimOptions = {},
): Promise<Exploration> {
  const found = await explore(scenario, {
    ...options,
    strategy,
    failures: 'all',
    budget: { runs: 30_000 },
  });
  if (!found.complete) throw new Error(`There is no end: ${found.toString()}`);
  return found;
}

export function* fork(self: Self<Any>): Actor {
  for (;;) {
    const { by } = yield* self.receive('take');
    self.send(by as Pid<Any>, { tag: 'taken' });
    yield* self.receive('drop');
  }
}

export function* dine(self: Self<Any>, left: Pid<Any>, right: Pid<Any>): Actor {
  for (const each of [left, right]) {
    self.send(each, { tag: 'take', by: self.pid });
    yield* self.receive('taken');
  }
  for (const each of [left, right]) self.send(each, { tag: 'drop' });
}

/** So many philosophers, each first its left fork; the last one of them the right one first, if `turned`. */
export function philosophers(count: number, turned = false): Scenario<Any> {
  return function* scenario(self) {
    const forks = Array.from({ length: count }, () => self.spawn(fork));
    for (let i = 0; i < count; i++) {
      const pair = [forks[i], forks[(i + 1) % count]] as [Pid<Any>, Pid<Any>];
      if (turned && i === count - 1) pair.reverse();
      self.spawn(dine, ...pair);
    }
  };
}

export function* bank(self: Self<Any>): Actor {
  let balance = 0;
  for (;;) {
    const message = yield* self.receive('get', 'put');
    if (message.tag === 'get') self.send(message['from'] as Pid<Any>, { tag: 'value', balance });
    else balance = message['balance'] as number;
  }
}

export function* deposit(self: Self<Any>, account: Pid<Any>): Actor {
  self.send(account, { tag: 'get', from: self.pid });
  const { balance } = yield* self.receive('value');
  self.send(account, { tag: 'put', balance: (balance as number) + 1 });
}

/** A receiver that does this, and one sender for each tag, which gets its number. */
export function sent(
  receiver: (self: Self<Any>) => Actor,
  ...tags: readonly string[]
): Scenario<Any> {
  return function* scenario(self) {
    const to = self.spawn(receiver);
    for (const [n, tag] of tags.entries()) self.spawn(sending, to, { tag, n });
  };
}

export function* sending(self: Self<Any>, to: Pid<Any>, message: Any): Actor {
  self.send(to, message);
}
