/** The programs that the rows speak of. */

import {
  type Actor,
  child,
  type Message,
  name,
  type Pid,
  type Self,
  type ServerMessage,
  type ServerSelf,
  server,
  supervisor,
} from 'beamish';
import type { TestSystem } from 'beamish/testing';

export interface Ping extends Message {
  readonly tag: 'ping';
  readonly n: number;
  readonly from: Pid<Pong>;
}
export interface Pong extends Message {
  readonly tag: 'pong' | 'done';
}

export function* pinger(self: Self<Pong>): Actor {
  for (let n = 1; n <= 3; n++) {
    self.send(name<Ping>('pong'), { tag: 'ping', n, from: self.pid });
    yield* self.receive('pong');
  }
  yield* self.receive('done');
}

export function* ponger(self: Self<Ping>): Actor {
  for (;;) {
    const ping = yield* self.receive('ping');
    self.send(ping.from, { tag: 'pong' });
  }
}

export const pairSpec = () =>
  supervisor({ children: [child('a', pinger), child({ id: 'b', name: 'pong' }, ponger)] });

/** The supervisor of Pair, begun; `b` is up when `a` has its first turn. */
export async function pair(system: TestSystem): Promise<Pid> {
  const pid = await system.result(system.start(pairSpec()));
  await system.settle();
  return pid as unknown as Pid;
}

export interface Letter extends Message {
  readonly tag: string;
  readonly n?: number;
}

export function* sorting(self: Self<Letter>): Actor {
  for (;;) yield* self.receive('b');
}

/** Waits for `b`, with three `a` and one `c` in its mailbox. */
export async function sorter(system: TestSystem): Promise<Pid<Letter>> {
  const pid = system.spawn(sorting);
  await system.settle();
  for (const tag of ['a', 'a', 'c', 'a']) system.send(pid, { tag });
  await system.settle();
  return pid;
}

type Approving = ServerMessage<{ call: { approve(): string }; cast: object }>;

/** When it is asked to begin, it calls `approve` of the other one. */
export const clerk = server((self: ServerSelf, other: string, within: number | 'infinity') => ({
  call: { approve: () => 'yes' },
  cast: {
    *begin() {
      yield* self.call(name<Approving>(other), 'approve').within(within);
    },
  },
}));

/** Two that wait for each other. */
export async function clerks(
  system: TestSystem,
  within: number | 'infinity' = 'infinity',
): Promise<readonly [Pid, Pid]> {
  const left = await system.result(system.start(clerk, 'right', within));
  const right = await system.result(system.start(clerk, 'left', within));
  system.register('left', left as unknown as Pid);
  system.register('right', right as unknown as Pid);
  system.cast(left, 'begin');
  system.cast(right, 'begin');
  await system.settle();
  return [left as unknown as Pid, right as unknown as Pid];
}

export function* fragile(self: Self<Letter>): Actor {
  for (;;) {
    const { n = 0 } = yield* self.receive('work');
    if (n >= 3) throw new Error(`Broke at ${n}`);
  }
}

/** A supervisor with `fragile` and with `a`, who sends it work on `go`. */
export async function fragiles(system: TestSystem, intensity = 2): Promise<Pid> {
  const a = function* a(self: Self<Letter>): Actor {
    for (;;) {
      const { n = 3 } = yield* self.receive('go');
      self.send(name<Letter>('fragile'), { tag: 'work', n });
    }
  };
  const pid = await system.result(
    system.start(
      supervisor({
        intensity,
        periodMs: 5000,
        children: [
          child({ id: 'fragile', name: 'fragile' }, fragile),
          child({ id: 'a', name: 'a' }, a),
        ],
      }),
    ),
  );
  await system.settle();
  return pid as unknown as Pid;
}
