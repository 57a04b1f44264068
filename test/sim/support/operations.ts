/** Every operation of the contract that suspends, by the name that the surface has it under, and who is on its other side. */

import {
  type Actor,
  agent,
  awaitMany,
  type Body,
  child,
  configure,
  countChildren,
  deleteChild,
  dynamicSupervisor,
  fromReadable,
  getChildSpec,
  getState,
  type MachineSelf,
  type Message,
  messages,
  name,
  type Pid,
  pool,
  type ReplyTo,
  replaceState,
  restartChild,
  resume,
  type Self,
  type Spawnable,
  serve,
  server,
  startAnother,
  startChild,
  stateMachine,
  stop,
  supervisedTask,
  supervisor,
  suspend,
  task,
  taskStream,
  terminateChild,
  toWritable,
  whereisAt,
  whichChildren,
  yieldMany,
} from 'beamish';
import type { Any } from './scenes.ts';

/** Waits in one operation; what comes of it does not matter. */
export type Waiting<M = never> = (
  self: Self<Any>,
  other: Pid<M>,
) => Actor<unknown> | Promise<unknown>;
export interface Side {
  readonly waiting: Waiting;
  /** Who is asked, called, or waited for. */
  readonly other: Spawnable<never, [], unknown>;
}

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}
interface A extends Message {
  readonly tag: 'a';
}

function* nobody(): Actor {}
function* answering(self: Self<Ask>): Actor {
  for (;;) self.send((yield* self.receive('ask')).replyTo, 1);
}
function* silent(self: Self<Ask>): Actor {
  yield* self.receive('EXIT');
}
function* telling(self: Self<Any>): Actor {
  self.send(name<Any>('waiter'), { tag: 'told' });
}
const serving = server(() => {
  let state = 0;
  const set = (next: number): void => {
    state = next;
  };
  return { call: { one: () => 1 }, state: { get: () => state, set } };
});
const slow = server(function* (self) {
  yield* self.sleep(5);
  return { call: { one: () => 1 } };
});
interface Door {
  call: { isOpen(): boolean };
}
const door = stateMachine((self: MachineSelf<'open', Door>) =>
  self.begin('open', { open: { call: { isOpen: (from) => self.reply(from, true) } } }),
);
const counting = agent(() => 1);
const squares = pool({
  size: 1,
  *worker(_self, n: number) {
    return n * n;
  },
});
const idle = child('idle', silent);
const one = supervisor({ children: [idle] });
const many = dynamicSupervisor({ template: () => ({ ...idle, restart: 'temporary' as const }) });
const tasks = dynamicSupervisor({});
/** One that holds one message, and takes one after the other. */
function* narrow(self: Self<A>): Actor {
  for (;;) yield* self.receive('a');
}

function* square(_self: Self, n: number): Actor<number> {
  return n * n;
}
function* asks(self: Self, other: Pid<Ask>): Actor<number> {
  return yield* self.call(other, { tag: 'ask' }).within('infinity');
}

/** A writable stream of Node that is always full, until it is told to drain. */
class Full {
  readonly #listeners = new Map<string, Set<(what?: unknown) => void>>();
  once(event: string, listener: (what?: unknown) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }
  off(event: string, listener: (what?: unknown) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }
  write(): boolean {
    queueMicrotask(() => this.#emit('drain'));
    return false;
  }
  end(): void {
    queueMicrotask(() => this.#emit('finish'));
  }
  destroy(): void {
    this.#emit('close');
  }
  #emit(event: string): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener();
  }
}

function side<M extends Message>(
  waiting: Waiting<M>,
  other: Spawnable<M, [], unknown> = nobody as unknown as Body<M, [], unknown>,
): Side {
  return { waiting: waiting as unknown as Waiting, other: other as unknown as Side['other'] };
}

/** What follows the name after a blank says which of several. */
export const OPERATIONS: Readonly<Record<string, Side>> = {
  'Self.receive': side(function* receiving(self, other) {
    self.monitor(other);
    yield* self.receive();
  }, telling),
  'Self.receive of tags': side(function* receiving(self, other) {
    self.monitor(other);
    yield* self.receive('told', 'DOWN');
  }, telling),
  'Context.receive of a DOWN': side(function* watching(self, other) {
    self.monitor(other);
    yield* self.receive('DOWN');
  }),
  'Context.receive of an EXIT': side(function* trapping(self, other) {
    self.trapExit(true);
    self.link(other);
    yield* self.receive('EXIT');
  }),
  'Receive.after': side(function* patient(self) {
    yield* self.receive('told').after(5);
  }, telling),
  'Receive.after of no time': side(function* polling(self) {
    yield* self.receive('told').after(0);
  }, telling),
  'Receive.where': side(function* choosy(self, other) {
    self.monitor(other);
    yield* self.receive('told', 'DOWN').where(({ tag }) => tag !== 'told');
  }, telling),
  'Context.sleep': side(function* sleeping(self) {
    yield* self.sleep(5);
  }),
  'Context.yield': side(function* yielding(self) {
    yield* self.yield();
  }),
  'Context.wait': side(function* waiting(self) {
    yield* self.wait(Promise.resolve());
  }),
  'Context.offer': side(
    function* offering(self, other) {
      for (let i = 0; i < 3; i++) yield* self.offer(other, { tag: 'a' });
    },
    configure(narrow, { mailbox: { limit: 1, overflow: 'wait' } }),
  ),
  'Context.call': side(function* calling(self, other) {
    yield* self.call(other, { tag: 'ask' }).within('infinity');
  }, answering),
  'Context.call of a server': side(function* calling(self, other) {
    yield* self.call(other, 'one').within('infinity');
  }, serving),
  'Call.within': side(function* calling(self, other) {
    yield* self.call(other, { tag: 'ask' }).within(10);
  }, silent),
  'Pending.reply of two': side(function* requesting(self, other) {
    const first = self.request(other, { tag: 'ask' });
    const second = self.request(other, { tag: 'ask' });
    yield* second.reply().within('infinity');
    yield* first.reply().within('infinity');
  }, answering),
  'Pending.reply': side(function* requesting(self, other) {
    yield* self.request(other, { tag: 'ask' }).reply().within(10);
  }, silent),
  'Pending.wait': side(function* requesting(self, other) {
    const pending = self.request(other, { tag: 'ask' });
    yield* pending.wait(5);
    yield* pending.wait(5);
  }, silent),
  'Context.perform': side(function* performing(self, other) {
    yield* self.perform(asks(self as unknown as Self, other));
  }, answering),
  'Context.startLink': side(function* starting(self) {
    self.trapExit(true);
    yield* self.startLink(slow);
  }),
  'Context.startLink of one that is too slow': side(function* starting(self) {
    self.trapExit(true);
    yield* self.startLink(configure(slow, { startTimeoutMs: 3 }));
  }),
  serve: side(function* serving_(self, other) {
    self.monitor(other);
    yield* serve(self as never, (me) => ({ info: { DOWN: () => me.stop() } }) as never);
  }, telling),
  stop: side(function* stopping(self, other) {
    yield* stop(self, other);
  }, serving),
  getState: side(function* looking(self, other) {
    yield* getState(self, other, { within: 'infinity' });
  }, serving),
  replaceState: side(function* replacing(self, other) {
    yield* replaceState<number>(self, other, (n) => n + 1, { within: 'infinity' });
  }, serving),
  suspend: side(function* suspending(self, other) {
    yield* suspend(self, other, { within: 'infinity' });
  }, serving),
  resume: side(function* resuming(self, other) {
    yield* suspend(self, other, { within: 'infinity' });
    yield* resume(self, other, { within: 'infinity' });
  }, serving),
  'agent.get': side(function* getting(self, other) {
    yield* agent.get(self, other, (n: number) => n).within('infinity');
  }, counting),
  'agent.update': side(function* updating(self, other) {
    yield* agent.update(self, other, (n: number) => n + 1).within('infinity');
  }, counting),
  'agent.getAndUpdate': side(function* stepping(self, other) {
    yield* agent.getAndUpdate(self, other, (n: number) => [n, n] as const).within('infinity');
  }, counting),
  'stateMachine.call': side(function* calling(self, other) {
    yield* stateMachine.call(self, other, 'isOpen');
  }, door),
  'pool.run': side(function* running(self, other) {
    yield* pool.run(self, other, 3, { within: 'infinity' });
  }, squares),
  whichChildren: side(function* asking(self, other) {
    yield* whichChildren(self, other);
  }, one),
  countChildren: side(function* asking(self, other) {
    yield* countChildren(self, other);
  }, one),
  getChildSpec: side(function* asking(self, other) {
    yield* getChildSpec(self, other, 'idle');
  }, one),
  startChild: side(function* asking(self, other) {
    yield* startChild(self, other, child('other', silent));
  }, one),
  terminateChild: side(function* asking(self, other) {
    yield* terminateChild(self, other, 'idle');
  }, one),
  restartChild: side(function* asking(self, other) {
    yield* restartChild(self, other, 'idle');
  }, one),
  deleteChild: side(function* asking(self, other) {
    yield* deleteChild(self, other, 'idle');
  }, one),
  startAnother: side(function* asking(self, other) {
    yield* startAnother(self, other);
  }, many),
  'Task.await': side(function* owner(self, other) {
    yield* task(self, asks, other).await().within('infinity');
  }, answering),
  'Task.yield': side(function* owner(self, other) {
    const its = task(self, asks, other);
    yield* its.yield(5);
    yield* its.yield('infinity');
  }, answering),
  'Task.shutdown': side(function* owner(self, other) {
    yield* task(self, asks, other).shutdown();
  }, silent),
  awaitMany: side(function* owner(self, other) {
    yield* awaitMany(self, [task(self, asks, other), task(self, square, 2)], 'infinity');
  }, answering),
  yieldMany: side(function* owner(self, other) {
    const both = [task(self, asks, other), task(self, square, 2)] as const;
    yield* yieldMany(self, both, 5);
    yield* yieldMany(self, both, 'infinity');
  }, answering),
  'TaskStream.next': side(function* owner(self, other) {
    const results = taskStream(self, [1, 2], () => task(self, asks, other), { concurrency: 1 });
    while (!(yield* results.next()).done);
  }, answering),
  supervisedTask: side(function* owner(self, other) {
    const its = yield* supervisedTask(self, other, square, 3);
    yield* its.await().within('infinity');
  }, tasks),
  fromReadable: side(
    function* reading(self, other) {
      yield* fromReadable(self, [1, 2], other, () => ({ tag: 'a' }));
    },
    configure(narrow, { mailbox: { limit: 1, overflow: 'wait' } }),
  ),
  'Sink.write': side(function* writing(self) {
    yield* toWritable<string>(self, new Full()).write('a');
  }),
  'Sink.end': side(function* writing(self) {
    yield* toWritable<string>(self, new Full()).end();
  }),
  messages: side(async function listening(self, other) {
    self.monitor(other);
    for await (const { tag } of messages(self, 'told', 'DOWN')) if (tag === 'DOWN') break;
  }, telling),
  whereisAt: side(function* looking(self) {
    yield* whereisAt(self, name('other', self.pid.system));
  }),
};
