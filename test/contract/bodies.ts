/** Bodies that run in another system, for the tests of transports: what they do is said in plain data. */

import {
  type Actor,
  type Context,
  type Group,
  groups,
  type Message,
  type Name,
  name,
  type Pid,
  portable,
  type Ref,
  type ReplyTo,
  type Self,
  type ServerSelf,
  type SystemDown,
  server,
  type Target,
  whereisAt,
} from 'beamish';

/** What a doer does when it is told to. */
export type Deed =
  | { readonly do: 'link' | 'unlink'; readonly to: Pid }
  | { readonly do: 'monitor'; readonly to: Target }
  | { readonly do: 'demonitor'; readonly ref: Ref }
  | { readonly do: 'trap'; readonly on: boolean }
  | { readonly do: 'exit'; readonly reason: unknown }
  | { readonly do: 'throw'; readonly message: string; readonly cause?: unknown }
  | { readonly do: 'signal'; readonly to: Pid; readonly reason: unknown }
  | { readonly do: 'send'; readonly to: Target; readonly message: Message }
  | { readonly do: 'count'; readonly to: Target; readonly from: number; readonly until: number }
  | { readonly do: 'later'; readonly ms: number; readonly to: Target; readonly message: Message }
  | { readonly do: 'register'; readonly name: string }
  | { readonly do: 'join' | 'leave'; readonly group: Group<Message> }
  | { readonly do: 'publish'; readonly group: Group<Message>; readonly message: Message }
  | { readonly do: 'whereis'; readonly name: Name }
  | { readonly do: 'watch'; readonly system: string }
  | { readonly do: 'same'; readonly a: unknown; readonly b: unknown }
  | { readonly do: 'self' }
  | { readonly do: 'links' };

export interface Order extends Message {
  readonly tag: 'order';
  readonly deed: Deed;
  readonly replyTo: ReplyTo<unknown>;
}

/** What a doer passes on: whatever it gets that is no order. */
export interface Got extends Message {
  readonly tag: 'got';
  readonly message: Message;
}

/** Does what it is told, and passes on to its owner whatever else it gets. */
export const doer = portable(
  import.meta,
  'doer',
  function* doer(self: Self<Order | SystemDown>, owner: Pid<Got> | undefined): Actor {
    for (;;) {
      const message = (yield* self.receive()) as Order | Message;
      if (message.tag !== 'order') {
        if (owner !== undefined) self.send(owner, { tag: 'got', message });
        continue;
      }
      const { deed, replyTo } = message as Order;
      const answer = deed.do === 'whereis' ? yield* whereisAt(self, deed.name) : act(self, deed);
      self.send(replyTo as ReplyTo<unknown>, answer);
    }
  },
);

function act(self: Context, deed: Exclude<Deed, { readonly do: 'whereis' }>): unknown {
  switch (deed.do) {
    case 'link':
      return self.link(deed.to);
    case 'unlink':
      return self.unlink(deed.to);
    case 'monitor':
      return self.monitor(deed.to);
    case 'demonitor':
      return self.demonitor(deed.ref, { flush: true });
    case 'trap':
      return self.trapExit(deed.on);
    case 'exit':
      return self.exit(deed.reason as string);
    case 'throw':
      throw new RangeError(deed.message, { cause: deed.cause });
    case 'signal':
      return self.exitSignal(deed.to, deed.reason);
    case 'send':
      return self.send(deed.to as Target<Message>, deed.message);
    case 'count':
      for (let n = deed.from; n < deed.until; n++)
        self.send(deed.to as Target<Message>, { tag: 'number', n } as Message);
      return undefined;
    case 'later':
      return self.sendAfter(deed.ms, deed.to as Target<Message>, deed.message);
    case 'register':
      return self.register(deed.name, self.pid);
    case 'join':
      return groups.join(self, deed.group, self.pid as Pid<Message>);
    case 'leave':
      return groups.leave(self, deed.group, self.pid as Pid<Message>);
    case 'publish':
      return groups.publish(self, deed.group, deed.message);
    case 'watch':
      return self.monitorSystem(deed.system);
    case 'same':
      return deed.a === deed.b;
    case 'self':
      return self.pid;
    case 'links':
      return self.info(self.pid)?.links;
  }
}

/** Answers with what it was asked. */
export const echo = portable(
  import.meta,
  'echo',
  function* echo(self: Self<{ tag: 'say'; value: unknown; replyTo: ReplyTo<unknown> }>): Actor {
    for (;;) {
      const { value, replyTo } = yield* self.receive('say');
      self.send(replyTo, value);
    }
  },
);

/** Never answers. */
export const silent = portable(
  import.meta,
  'silent',
  function* silent(self: Self<{ tag: 'say'; value: unknown; replyTo: ReplyTo<unknown> }>): Actor {
    yield* self.receive('never' as never);
  },
);

type Hoarded =
  | Message
  | { readonly tag: 'mail'; readonly replyTo: ReplyTo<number> }
  | { readonly tag: 'release' };

/** Leaves its mail until it is released, and then passes it on; tells how much there is. */
export const hoarder = portable(
  import.meta,
  'hoarder',
  function* hoarder(self: Self<Hoarded>, owner: Pid<Message>): Actor {
    for (;;) {
      const message = yield* self.receive('mail', 'release');
      if (message.tag === 'release') break;
      const { replyTo } = message as { readonly replyTo: ReplyTo<number> };
      self.send(replyTo, self.info(self.pid)?.mailboxLength ?? 0);
    }
    for (;;) self.send(owner, yield* self.receive());
  },
);

/** A server that starts, or does not, as it is told. */
export const counter = portable(
  import.meta,
  'counter',
  server(function* (self: ServerSelf, start: number | 'ignore' | 'fail') {
    yield* self.yield();
    if (start === 'ignore') return 'ignore';
    if (start === 'fail') throw new Error('No luck');
    let n = start;
    return {
      call: { get: () => n },
      cast: {
        add(k: number) {
          n += k;
        },
      },
    };
  }),
);

/** What no type shows and no structured clone carries, or what reading breaks. */
export const ODD = {
  proxy: () => new Proxy({ a: 1 }, {}),
  arguments: () =>
    (function () {
      // biome-ignore lint/complexity/noArguments: it is what is meant
      return arguments;
    })(),
  detached() {
    const view = new Uint8Array(8);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return { view };
  },
  getter: () => ({
    get x() {
      throw new Error('boom');
    },
  }),
  stack: () =>
    Object.defineProperty(new Error('x'), 'stack', {
      get() {
        throw new Error('boom');
      },
    }),
  key: () => new Map([[Object.create(null), 1]]),
  bare: () => Object.create(null),
  deep() {
    let deep: object = {};
    for (let i = 0; i < 20_000; i++) deep = { deep };
    return deep;
  },
  revoked() {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
} satisfies Record<string, () => unknown>;
export type Oddity = keyof typeof ODD;

/** Ends with an odd reason, or answers with an odd value, when it is told to. */
export const odd = portable(
  import.meta,
  'odd',
  function* odd(
    self: Self<
      | { readonly tag: 'end'; readonly how: 'exit' | 'throw'; readonly what: Oddity }
      | { readonly tag: 'give'; readonly what: Oddity; readonly replyTo: ReplyTo<unknown> }
    >,
  ): Actor {
    for (;;) {
      const message = yield* self.receive('end', 'give');
      const value = ODD[message.what]();
      if (message.tag === 'give') self.send(message.replyTo, value);
      else if (message.how === 'throw') throw value;
      else self.exit(value as string);
    }
  },
);

/** Ends as soon as it runs. */
export const fleeting = portable(
  import.meta,
  'fleeting',
  function* fleeting(self: Self, reason: unknown): Actor {
    self.exit(reason as string);
  },
);

/** Names an export that its module does not have. */
export const missing = portable(import.meta, 'nowhere', function* missing(self: Self): Actor {
  yield* self.yield();
});

/** Sends to `to` the pids, refs and names that it made: all at some depth. */
export const giver = portable(
  import.meta,
  'giver',
  function* giver(self: Self, to: Pid<Message>): Actor {
    const ref = self.monitor(to);
    const { pid } = self;
    self.send(to, {
      tag: 'gift',
      deep: [{ pid, at: new Map([['ref', ref]]) }, new Set([pid])],
      name: name('db', 'somewhere'),
    } as Message);
    yield* self.receive('never' as never);
  },
);
