/** A state machine that does in each state what it is told, and tells the log of each event. */

import {
  CallFailed,
  type Context,
  type MachineSelf,
  type MessageOf,
  type Pid,
  type ReplyTo,
  type StateHandlers,
  stateMachine,
} from 'beamish';
import type { Note, Stage } from './stage.ts';

export type State = 'a' | 'b' | 'c';
interface Events {
  call: { do(act: CallAct): unknown };
  cast: { do(what: unknown, act: Act): void };
  internal: { own(what: unknown, act?: Act): void };
  timeout: { n(content: unknown): void; m(content: unknown): void };
}
export type Its = MachineSelf<State, Events, Note>;
type Handlers = StateHandlers<State, Events, Note>;
type Result = ReturnType<NonNullable<Handlers['stateTimeout']>>;
export type Act = (self: Its) => Result;
export type CallAct = (self: Its, from: ReplyTo<unknown>) => Result;

export interface Doings {
  /** Instead of beginning. */
  readonly early?: (self: Its) => ReturnType<Its['stop']> | 'ignore' | void;
  /** How it begins; in a if it does not say. */
  readonly init?: (self: Its) => ReturnType<Its['next']>;
  readonly enter?: (self: Its, old: State) => ReturnType<NonNullable<Handlers['enter']>>;
}

export const machine = stateMachine(
  (self: Its, stage: Stage, label: string, { early, init, enter }: Doings = {}) => {
    stage.label(self.pid, label);
    const tell = (...what: readonly unknown[]): void => stage.say(...what, 'in', self.state);
    const otherwise: Handlers = {
      enter(old) {
        stage.say('enter', self.state, 'from', old);
        return enter?.(self, old);
      },
      call: {
        do(from, act) {
          tell('call');
          return act(self, from);
        },
      },
      cast: {
        do(what, act) {
          tell(what);
          return act(self);
        },
      },
      internal: {
        own(what, act) {
          tell(what);
          return act?.(self);
        },
      },
      info: { note: ({ what }) => tell('note', what) },
      stateTimeout: (content) => tell('state_timeout', content),
      timeout: {
        n: (content) => tell('timeout', 'n', content),
        m: (content) => tell('timeout', 'm', content),
      },
      eventTimeout: (content) => tell('event_timeout', content),
    };
    const over = early?.(self);
    if (over !== undefined) return over;
    return self.begin(
      init?.(self) ?? 'a',
      { a: {}, b: {}, c: {} },
      {
        otherwise,
        terminate: (reason, state) => stage.say(self.pid, 'terminates in', state, 'for', reason),
      },
    );
  },
);
export type Machine = Pid<MessageOf<typeof machine>>;

export async function startMachine(
  stage: Stage,
  label: string,
  doings: Doings = {},
): Promise<Machine> {
  const pid = stage.system.spawn(machine, stage, label, doings);
  await stage.settle();
  return pid;
}

/** Puts into the log what a call came to. */
export function* called(
  stage: Stage,
  self: Context,
  to: Machine,
  act: CallAct,
  ms: number | 'infinity' = 'infinity',
) {
  try {
    stage.say('returned', yield* stateMachine.call(self, to, 'do', act).within(ms));
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    stage.say(error);
  }
}
