/** Requests whose answer has to be read: calls that return what the reading makes of it, or throw. */

import type { Call, Caller, Message, Operation, Pid, Step, Target } from 'beamish';
import type { BrokerAddress } from '../terms/address.ts';
import { BrokerRefused } from '../terms/errors.ts';
import type { BrokerQuestion, BrokerReply } from '../terms/protocol.ts';

type Steps = Iterator<Step, unknown, unknown>;
type AnyCall = (to: Target, question: Message) => Call<unknown>;

/** What an answer means to who asked, or that there was none: both return what the call does, or throw. */
export interface Reading<T> {
  answered(answer: unknown): T;
  /** Another request that may still be answered. */
  failed?(error: unknown): Call<unknown>;
}

/** Asks at once. */
export function asking<T>(by: Caller, to: Target, question: Message, reading: Reading<T>): Call<T> {
  const call = request(by, to, question);
  return 'root' in by ? new OutsideCall(call, reading) : new ReadCall(call, reading);
}

export function request(by: Caller, to: Target, question: Message): Call<unknown> {
  return (by.call as AnyCall).call(by, to, question);
}

/** Asks the broker. @throws BrokerRefused if it refuses. */
export function askBroker<T>(by: Caller, broker: BrokerAddress, question: BrokerQuestion): Call<T> {
  const asked = { tag: '$broker', by: pidOf(by), ...question };
  return asking<T>(by, broker as Target, asked, { answered: readDone });
}

/** Who asks; the outside is the root of its system. */
export function pidOf(by: Caller): Pid {
  return 'root' in by ? by.root : by.pid;
}

export function readDone<T>(answer: unknown): T {
  const reply = answer as BrokerReply;
  if (reply.tag === '$refused') throw new BrokerRefused(reply.reason, reply.text);
  return reply.value as T;
}

/** In an actor. */
export class ReadCall<T> implements Call<T> {
  readonly #call: Call<unknown>;
  readonly #reading: Reading<T>;
  /** Of another request, too, that is made in place of it. */
  #within: number | 'infinity' | undefined;
  /** Of the request that is waited for. */
  #steps: Steps | undefined;
  /** It is another request that is waited for. */
  #hasFailed = false;

  constructor(call: Call<unknown>, reading: Reading<T>) {
    this.#call = call;
    this.#reading = reading;
  }

  within(ms: number | 'infinity'): Operation<T> {
    this.#call.within(ms);
    this.#within = ms;
    return this;
  }

  [Symbol.iterator](): this {
    this.#hasFailed = false;
    this.#steps = this.#call[Symbol.iterator]();
    return this;
  }

  /** Steps of its own, since a generator takes longer to make than all the rest of an answer. */
  next(): IteratorResult<Step, T> {
    let step: IteratorResult<Step, unknown>;
    try {
      step = (this.#steps as Steps).next();
    } catch (error) {
      if (this.#hasFailed || this.#reading.failed === undefined) throw error;
      this.#hasFailed = true;
      this.#steps = timed(this.#reading.failed(error), this.#within)[Symbol.iterator]();
      return this.next();
    }
    if (step.done !== true) return step;
    return { value: this.#reading.answered(step.value), done: true };
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
  then<A, B>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return read(this.#call, this.#reading, () => this.#within).then(onValue, onError);
  }
}

/** From outside, where a call is a promise. */
class OutsideCall<T> implements Call<T> {
  readonly #call: Call<unknown>;
  readonly #promise: PromiseLike<T>;
  #within: number | 'infinity' | undefined;

  constructor(call: Call<unknown>, reading: Reading<T>) {
    this.#call = call;
    this.#promise = read(call, reading, () => this.#within);
  }

  within(ms: number | 'infinity'): Operation<T> {
    this.#call.within(ms);
    this.#within = ms;
    return this;
  }

  [Symbol.iterator](): Iterator<never, T, unknown> {
    return cannotYield();
  }

  // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
  then<A, B>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.#promise.then(onValue, onError);
  }
}

/** A promise as an operation: there is no actor to suspend. */
export function outside<T>(promise: Promise<T>): Operation<T> {
  return {
    // biome-ignore lint/suspicious/noThenProperty: an operation can be awaited
    then: (onValue, onError) => promise.then(onValue, onError),
    [Symbol.iterator]: cannotYield,
  };
}

function cannotYield(): never {
  throw new TypeError('Cannot yield* a request made with a system: pass self, or await it');
}

function read<T>(
  call: Call<unknown>,
  reading: Reading<T>,
  within: () => number | 'infinity' | undefined,
): PromiseLike<T> {
  const answered = (answer: unknown): T => reading.answered(answer);
  if (reading.failed === undefined) return call.then(answered);
  return call.then(answered, (error) =>
    timed(reading.failed?.(error) as Call<unknown>, within()).then(answered),
  );
}

function timed(call: Call<unknown>, ms: number | 'infinity' | undefined): Operation<unknown> {
  return ms === undefined ? call : call.within(ms);
}
