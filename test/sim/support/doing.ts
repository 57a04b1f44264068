/** What an actor of a small program does, operation by operation; and what comes of each, in words. */

import type { Sim } from '@beamish/sim';
import {
  type Actor,
  configure,
  group,
  groups,
  type Message,
  name,
  type Pid,
  type Ref,
  type ReplyTo,
  type Self,
  whereisAt,
} from 'beamish';

export type Op =
  | { readonly op: 'send'; readonly to: number; readonly tag: string }
  | { readonly op: 'receive'; readonly tags: readonly string[] }
  | { readonly op: 'poll'; readonly tag: string }
  | { readonly op: 'timed'; readonly tag: string; readonly ms: number }
  | { readonly op: 'sleep'; readonly ms: number }
  | { readonly op: 'link' | 'unlink' | 'monitor' | 'call' | 'info'; readonly to: number }
  | { readonly op: 'demonitor' | 'now' }
  | { readonly op: 'kill'; readonly to: number; readonly reason: string }
  | { readonly op: 'trap'; readonly on: boolean }
  | { readonly op: 'exit'; readonly reason: string }
  | { readonly op: 'register' | 'unregister' | 'whereis' | 'whereisAt' | 'monitorAt' }
  | { readonly op: 'join' | 'leave' | 'members' }
  | { readonly op: 'tell' | 'tellAt' | 'publish'; readonly tag: string }
  /** Only if what it noted last begins so. */
  | { readonly op: 'if'; readonly was: string; readonly then: Op }
  | { readonly op: 'timer'; readonly to: number; readonly ms: number; readonly tag: string }
  | { readonly op: 'cancel' }
  | { readonly op: 'answer' }
  | { readonly op: 'offer'; readonly to: number; readonly tag: string }
  | { readonly op: 'spawn'; readonly to: number; readonly tag: string };

/** Of each actor, what it does. */
export type Program = readonly (readonly Op[])[];

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<string>;
}

type Any = Message & { readonly [key: string]: unknown };
export type Overflow = 'wait' | 'drop_newest' | 'drop_oldest' | 'exit';

const FAR = 'far';
const GROUP = group<Any>('group');

/**
 * Runs it, every other actor in the second system, if there is one; `note` is told what each actor gets, how it ends
 * and what its calls give. With `overflow`, mailboxes hold one message.
 */
export function scenarioOf(
  program: Program,
  note: (who: number, what: string) => void,
  overflow?: Overflow,
) {
  const body =
    overflow === undefined ? doing : configure(doing, { mailbox: { limit: 1, overflow } });
  return function* scenario(self: Self<Any>, { systems }: Sim): Actor {
    const pids: Pid<Any>[] = [];
    for (const [who, ops] of program.entries()) {
      const where = who % 2 === 1 ? (systems[FAR] ?? self) : self;
      pids.push(where.spawn(body as typeof doing, who, ops, pids, note) as Pid<Any>);
    }
  };
}

/** What an actor keeps between its operations. */
interface Mind {
  readonly pids: readonly Pid<Any>[];
  /** The system that it is not in. */
  readonly elsewhere: string;
  monitor: Ref | undefined;
  timer: Ref | undefined;
  hasEnded: boolean;
  /** What it noted last. */
  last: string;
  note(what: string): void;
}

function* doing(
  self: Self<Any>,
  who: number,
  ops: readonly Op[],
  pids: readonly Pid<Any>[],
  note: (who: number, what: string) => void,
): Actor {
  const mind: Mind = {
    pids,
    elsewhere: self.pid.system === FAR ? 'main' : FAR,
    monitor: undefined,
    timer: undefined,
    hasEnded: false,
    last: '',
    note: (what) => {
      mind.last = what;
      note(who, what);
    },
  };
  self.defer(() => {
    if (!mind.hasEnded) note(who, 'ended');
  });
  for (const op of ops) yield* act(self, who, op, mind);
  mind.hasEnded = true;
  note(who, 'done');
}

function* act(self: Self<Any>, who: number, op: Op, mind: Mind): Actor {
  const { pids, note } = mind;
  const got = (message: Any | undefined): void =>
    note(message === undefined ? 'nothing' : show(message));
  switch (op.op) {
    case 'send':
      self.send(pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
      break;
    case 'receive':
      got(yield* self.receive(...(op.tags as readonly [string, ...string[]])));
      break;
    case 'poll':
      got(yield* self.receive(op.tag).after(0));
      break;
    case 'timed':
      got(yield* self.receive(op.tag).after(op.ms));
      break;
    case 'sleep':
      yield* self.sleep(op.ms);
      break;
    case 'link':
      self.link(pids[op.to] as Pid);
      break;
    case 'unlink':
      self.unlink(pids[op.to] as Pid);
      break;
    case 'monitor':
      mind.monitor = self.monitor(pids[op.to] as Pid);
      break;
    case 'demonitor':
      if (mind.monitor !== undefined) note(String(self.demonitor(mind.monitor, { flush: true })));
      break;
    case 'info':
      note(String(self.info(pids[op.to] as Pid) !== undefined));
      break;
    case 'now':
      note(`at ${self.now()}`);
      break;
    case 'call':
      try {
        note(
          String(yield* self.call(pids[op.to] as unknown as Pid<Ask>, { tag: 'ask' }).within(2)),
        );
      } catch (error) {
        note(String((error as { reason?: unknown }).reason));
      }
      break;
    case 'answer': {
      const asked = (yield* self.receive('ask')) as Any;
      self.send(asked['replyTo'] as ReplyTo<string>, `from ${who}`);
      break;
    }
    case 'kill':
      self.exitSignal(pids[op.to] as Pid, op.reason);
      break;
    case 'trap':
      self.trapExit(op.on);
      break;
    case 'exit':
      note(`exits ${op.reason}`);
      mind.hasEnded = true;
      return self.exit(op.reason);
    case 'register':
      try {
        self.register('name', self.pid as Pid<never>);
        note('has it');
      } catch {
        note('taken');
      }
      break;
    case 'unregister':
      try {
        self.unregister('name');
      } catch {
        note('nobody has it');
      }
      break;
    case 'whereis':
      note(self.whereis('name') === undefined ? 'nobody' : 'somebody');
      break;
    case 'tell':
      self.send({ name: 'name', system: undefined } as never, { tag: op.tag, by: who } as never);
      break;
    case 'whereisAt': {
      const holder = yield* whereisAt(self, name<Any>('name', mind.elsewhere));
      note(holder === undefined ? 'nobody' : 'somebody');
      break;
    }
    case 'monitorAt':
      mind.monitor = self.monitor(name<Any>('name', mind.elsewhere));
      break;
    case 'tellAt':
      self.send(name<Any>('name', mind.elsewhere), { tag: op.tag, by: who });
      break;
    case 'join':
      groups.join(self, GROUP, self.pid as Pid<Any>);
      break;
    case 'leave':
      note(String(groups.leave(self, GROUP, self.pid as Pid<Any>)));
      break;
    case 'members':
      note(`${groups.members(self, GROUP).length} members`);
      break;
    case 'publish':
      note(`to ${groups.publish(self, GROUP, { tag: op.tag, by: who })}`);
      break;
    case 'if':
      if (mind.last.startsWith(op.was)) yield* act(self, who, op.then, mind);
      break;
    case 'timer':
      mind.timer = self.sendAfter(op.ms, pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
      break;
    case 'cancel':
      if (mind.timer !== undefined)
        note(self.cancelTimer(mind.timer) === false ? 'late' : 'in time');
      break;
    case 'offer':
      yield* self.offer(pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
      break;
    case 'spawn':
      self.spawn(sending, pids[op.to] as Pid<Any>, { tag: op.tag, by: who });
      break;
  }
}

function* sending(self: Self, to: Pid<Any>, message: Any): Actor {
  self.send(to, message);
}

function show({ tag, ...fields }: Any): string {
  const { by, reason } = fields as { by?: number; reason?: unknown };
  return `${tag}${by === undefined ? '' : ` of ${by}`}${reason === undefined ? '' : ` ${String(reason)}`}`;
}
