/**
 * Between actors and the streams and emitters of the platform, of Node and of the web alike. All are used in
 * an actor, and let go of what they hold when it ends, for whatever reason.
 */

import { takeBackCleanUp } from '../state/cold-state.ts';
import { cellOfSelf } from '../system/self.ts';
import type { Actor } from '../terms/operation.ts';
import type { Address, Message } from '../terms/pid.ts';
import type { Context, Self } from '../terms/self-types.ts';

/**
 * Offers each item of a readable stream, or of anything that can be iterated, to an actor, and waits while
 * its bounded mailbox is full: no more is read than that has room for, and one. Returns how many there were.
 *
 * ```ts
 * const pipeline = configure(
 *   function* (self: Self<{ tag: 'line'; text: string }>): Actor {
 *     for (;;) yield* self.receive('line');
 *   },
 *   { mailbox: { limit: 16, overflow: 'wait' } },
 * );
 * const count = await system.run(function* (self: Self): Actor<number> {
 *   const to = self.spawnLink(pipeline);
 *   return yield* fromReadable(self, ['a', 'b', 'c'], to, (text) => ({ tag: 'line', text }));
 * });
 * count === 3; // true
 * ```
 *
 * @throws what the stream fails with.
 */
export function* fromReadable<T, M extends Message, const N extends M>(
  self: Context,
  readable: AsyncIterable<T> | Iterable<T>,
  to: Address<M>,
  messageOf: (item: T) => N,
): Actor<number> {
  const items = sourceOf(readable);
  let isDone = false;
  try {
    for (let count = 0; ; count++) {
      const { done, value } = yield* self.wait(Promise.resolve(items.next()));
      if (done === true) {
        isDone = true;
        return count;
      }
      yield* self.offer(to, messageOf(value as T) as never);
    }
  } finally {
    // Also of an actor that is ended while it waits.
    if (isDone) items.release?.();
    else items.close();
  }
}

interface Source<T> {
  next(): PromiseLike<Item<T>> | Item<T>;
  /** There will be no more. */
  release?(): void;
  /** No more is wanted, also while a `next` is pending. What fails in it concerns nobody. */
  close(): void;
}
type Item<T> = { readonly done?: boolean | undefined; readonly value?: T | undefined };

/** What a readable web stream can do. */
interface WebReadable<T> {
  getReader(): {
    read(): Promise<Item<T>>;
    cancel(reason?: unknown): Promise<unknown>;
    releaseLock(): void;
  };
}

function sourceOf<T>(readable: AsyncIterable<T> | Iterable<T> | WebReadable<T>): Source<T> {
  // Not by its iterator, whose `return` waits for the `next` that is pending, as that of each async generator.
  if ('getReader' in readable) {
    const reader = readable.getReader();
    return {
      next: () => reader.read(),
      release: () => reader.releaseLock(),
      close: () => void reader.cancel().then(() => reader.releaseLock(), ignore),
    };
  }
  const items: AsyncIterator<T> | Iterator<T> =
    Symbol.asyncIterator in readable
      ? readable[Symbol.asyncIterator]()
      : readable[Symbol.iterator]();
  const { destroy } = readable as { readonly destroy?: unknown };
  return {
    next: () => items.next(),
    close() {
      // A Node stream, whose iterator would wait just as well.
      if (typeof destroy === 'function') destroy.call(readable);
      Promise.resolve(items.return?.()).catch(ignore);
    },
  };
}

function ignore(): void {}

/** What a Node stream can do that is written to. */
interface NodeWritable {
  readonly destroyed?: boolean;
  readonly closed?: boolean;
  readonly errored?: unknown;
  readonly writableFinished?: boolean;
  write(chunk: unknown): boolean;
  end(done?: () => void): unknown;
  once(event: string, listener: (what?: unknown) => void): unknown;
  off(event: string, listener: (what?: unknown) => void): unknown;
  destroy(error?: Error): unknown;
}
/** What a web stream can do that is written to. */
interface WebWritable {
  getWriter(): {
    readonly ready: Promise<unknown>;
    write(chunk: never): Promise<unknown>;
    close(): Promise<unknown>;
    abort(reason?: unknown): Promise<unknown>;
  };
}

/** Where an actor writes to. */
export interface Sink<T> {
  /** Writes, and waits while the stream has as much as it wants. @throws what it fails with. */
  write(chunk: T): Actor;
  /** Waits until all has been written. */
  end(): Actor;
}

/**
 * A writable stream, of Node or of the web, for one actor. If the actor ends without `end`, it is destroyed.
 *
 * ```ts
 * const written = [];
 * await system.run(function* (self: Self): Actor {
 *   const out = toWritable<string>(self, new WritableStream({ write: (text) => void written.push(text) }));
 *   for (const text of ['a', 'b']) yield* out.write(text);
 *   yield* out.end();
 * });
 * written.join(''); // 'ab'
 * ```
 */
export function toWritable<T>(self: Context, writable: NodeWritable | WebWritable): Sink<T> {
  const sink = 'getWriter' in writable ? webSink(writable) : nodeSink(writable);
  const destroy = (): void => sink.destroy();
  self.defer(destroy);
  return {
    *write(chunk) {
      const waiting = sink.write(chunk);
      if (waiting !== undefined) yield* self.wait(waiting);
    },
    *end() {
      yield* self.wait(sink.end());
      takeBackCleanUp(cellOfSelf(self), destroy);
    },
  };
}

interface AnySink {
  write(chunk: unknown): Promise<unknown> | undefined;
  end(): Promise<unknown>;
  destroy(): void;
}

function webSink(writable: WebWritable): AnySink {
  const writer = writable.getWriter();
  return {
    write(chunk) {
      // Of one that fails, `ready` tells, or the next write does.
      writer.write(chunk as never).catch(() => {});
      return writer.ready;
    },
    end: () => writer.close(),
    destroy: () => void writer.abort().catch(() => {}),
  };
}

function nodeSink(writable: NodeWritable): AnySink {
  let failure: { readonly error: unknown } | undefined;
  const onError = (error: unknown): void => {
    failure ??= { error };
  };
  const letGo = (): void => {
    writable.off('error', onError);
    writable.off('close', letGo);
  };
  // One that has been closed tells nothing any more.
  if (writable.closed !== true) {
    writable.once('error', onError);
    writable.once('close', letGo);
  }
  const whyNot = (): unknown =>
    failure?.error ?? writable.errored ?? new Error('Cannot write: the stream has been closed');
  const isOver = (): boolean => failure !== undefined || writable.destroyed === true;
  const until = (event: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const over = (settle: () => void) => (): void => {
        for (const [name, listener] of listeners) writable.off(name, listener);
        settle();
      };
      const fail = over(() => reject(whyNot()));
      const listeners = [
        [event, over(resolve)],
        ['error', fail],
        ['close', fail],
      ] as const;
      for (const [name, listener] of listeners) writable.once(name, listener);
    });
  return {
    write(chunk) {
      if (isOver()) return Promise.reject(whyNot());
      return writable.write(chunk) ? undefined : until('drain');
    },
    async end() {
      if (writable.writableFinished !== true) {
        if (isOver()) throw whyNot();
        const finished = until('finish');
        writable.end();
        await finished;
      }
      letGo();
    },
    destroy: () => void writable.destroy(),
  };
}

/** An emitter of Node, or a target of events of the web. */
type Emitter =
  | { on(event: never, listener: never): unknown; off(event: never, listener: never): unknown }
  | {
      addEventListener(event: never, listener: never): unknown;
      removeEventListener(event: never, listener: never): unknown;
    };

/**
 * Sends the actor a message for each event, until it ends or what is returned is called. An emitter waits for
 * nobody: bound the mailbox of an actor that may be slow.
 *
 * ```ts
 * const target = new EventTarget();
 * const heard = system.run(function* (self: Self<{ tag: 'event'; type: string }>): Actor<string> {
 *   fromEmitter(self, target, 'ping', (event: Event) => ({ tag: 'event', type: event.type }));
 *   self.sendAfter(0, self.pid, { tag: 'event', type: 'first' });
 *   yield* self.receive('event');
 *   target.dispatchEvent(new Event('ping'));
 *   return (yield* self.receive('event')).type;
 * });
 * await heard; // 'ping'
 * ```
 */
export function fromEmitter<M extends Message, A extends unknown[], const N extends M>(
  self: Context<M>,
  emitter: Emitter,
  event: string,
  messageOf: (...what: A) => N,
): () => void {
  const name = event as never;
  const listener = ((...what: A): void =>
    self.send(self.pid, messageOf(...what) as never)) as never;
  let isOn = true;
  const stop = (): void => {
    if (!isOn) return;
    isOn = false;
    takeBackCleanUp(cellOfSelf(self), stop);
    if ('off' in emitter) emitter.off(name, listener);
    else emitter.removeEventListener(name, listener);
  };
  if ('on' in emitter) emitter.on(name, listener);
  else emitter.addEventListener(name, listener);
  self.defer(stop);
  return stop;
}

/**
 * The messages of an async body with one of these tags, one after the other, for `for await`. It ends only
 * with the loop or the actor.
 *
 * ```ts
 * const sum = await system.run(async (self: Self<{ tag: 'add'; n: number }>) => {
 *   for (const n of [1, 2, 3]) self.send(self.pid, { tag: 'add', n });
 *   let total = 0;
 *   for await (const { n } of messages(self, 'add')) {
 *     total += n;
 *     if (n === 3) break;
 *   }
 *   return total;
 * });
 * sum === 6; // true
 * ```
 */
export async function* messages<M extends Message, T extends M['tag']>(
  self: Self<M>,
  ...tags: readonly [T, ...T[]]
): AsyncGenerator<Extract<M, { readonly tag: T }>, never> {
  const receive = self.receive as (...of: readonly string[]) => PromiseLike<unknown>;
  for (;;) yield (await receive.call(self, ...tags)) as Extract<M, { readonly tag: T }>;
}
