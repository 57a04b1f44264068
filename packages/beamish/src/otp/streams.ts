/**
 * Between actors and the streams and emitters of the platform, of Node and of the web alike. All are used in
 * an actor, and let go of what they hold when it ends, for whatever reason.
 */

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
  const items =
    Symbol.asyncIterator in readable
      ? readable[Symbol.asyncIterator]()
      : readable[Symbol.iterator]();
  let isDone = false;
  // Also of an actor that is ended while it waits: the stream is closed.
  self.defer(() => {
    if (!isDone) void Promise.resolve(items.return?.()).catch(() => {});
  });
  for (let count = 0; ; count++) {
    const { done, value } = yield* self.wait(Promise.resolve(items.next()));
    if (done === true) {
      isDone = true;
      return count;
    }
    yield* self.offer(to, messageOf(value as T) as never);
  }
}

/** What a Node stream can do that is written to. */
interface NodeWritable {
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
  let hasEnded = false;
  const sink = 'getWriter' in writable ? webSink(writable) : nodeSink(writable);
  self.defer(() => {
    if (!hasEnded) sink.destroy();
  });
  return {
    *write(chunk) {
      const waiting = sink.write(chunk);
      if (waiting !== undefined) yield* self.wait(waiting);
    },
    *end() {
      yield* self.wait(sink.end());
      hasEnded = true;
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
  writable.once('error', (error) => {
    failure = { error };
  });
  const until = (event: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const over = (settle: () => void) => (): void => {
        for (const [name, listener] of listeners) writable.off(name, listener);
        settle();
      };
      const fail = over(() =>
        reject(failure?.error ?? new Error('Cannot write: the stream has been closed')),
      );
      const listeners = [
        [event, over(resolve)],
        ['error', fail],
        ['close', fail],
      ] as const;
      for (const [name, listener] of listeners) writable.once(name, listener);
    });
  return {
    write(chunk) {
      if (failure !== undefined) return Promise.reject(failure.error);
      return writable.write(chunk) ? undefined : until('drain');
    },
    end() {
      if (failure !== undefined) return Promise.reject(failure.error);
      const finished = until('finish');
      writable.end();
      return finished;
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
