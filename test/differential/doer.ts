/** A server that does what it is asked to, and tells the log of everything else. */

import {
  type Actor,
  CallFailed,
  type Context,
  type MessageOf,
  type Pid,
  type ServerSelf,
  server,
  type Target,
} from 'beamish';
import type { Note, Stage } from './stage.ts';

export type Act = (self: ServerSelf<Note>) => unknown;

export interface Doings {
  /** How long `init` takes. */
  readonly initMs?: number;
  /** What `init` does then; it may return `'ignore'`. */
  readonly init?: Act;
  /** What `terminate` does. */
  readonly clean?: Act;
}

export const doer = server(function* (
  self: ServerSelf<Note>,
  stage: Stage,
  label: string,
  { initMs, init, clean }: Doings = {},
) {
  stage.label(self.pid, label);
  if (initMs !== undefined) yield* self.sleep(initMs);
  if (init?.(self) === 'ignore') return 'ignore';
  const tell = (message: unknown) => stage.say(self.pid, 'is told', message);
  return {
    call: { do: (act: Act) => act(self) },
    cast: { do: (act: Act) => act(self) },
    info: { note: tell, EXIT: tell, DOWN: tell, timeout: () => tell('timeout') },
    terminate(reason) {
      stage.say(self.pid, 'terminates:', reason);
      return clean?.(self);
    },
  };
});

export type DoerMessage = MessageOf<typeof doer>;
export type Doer = Pid<DoerMessage>;

export async function startDoer(stage: Stage, label: string, doings: Doings = {}): Promise<Doer> {
  const pid = stage.system.spawn(doer, stage, label, doings);
  await stage.settle();
  return pid;
}

export function cast(stage: Stage, to: Doer, act: Act): Promise<void> {
  stage.system.cast(to, 'do', act);
  return stage.settle();
}

export const traps: Act = (self) => {
  self.trapExit(true);
};

/** Puts into the log what a call came to. */
export function* tried(
  stage: Stage,
  self: Context,
  to: Target<DoerMessage>,
  act: Act,
  ms: number | 'infinity' = 5000,
): Actor {
  try {
    stage.say('returned', yield* self.call(to, 'do', act).within(ms));
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    stage.say(error);
  }
}
