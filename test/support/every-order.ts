/** Every order in which the steps of a system can go, tried one after the other: what a simulator does, without its cleverness. */

import { ActorSystem, type Decisions, type Pid, type Tap } from 'beamish';
import { type Control, StillClock, takeControl } from 'beamish/control';
import { listen } from 'beamish/observation';

/** One run of a scene: `choose` decides what is next, of so many. */
export interface Run {
  readonly control: Control;
  readonly system: ActorSystem;
  readonly clock: StillClock;
}

/** The decisions of a system that is asked nothing of chance. */
export const noChance: Decisions = {
  random: () => 0,
  incarnation: () => 1,
  choose: () => {
    throw new Error('The control decides who is next');
  },
};

export function controlled(tap?: Tap): Run {
  const clock = new StillClock();
  const system = new ActorSystem({ name: 'test', log: 'off', clock, decisions: noChance });
  const control = takeControl(system);
  if (tap !== undefined) listen(system, tap);
  return { control, system, clock };
}

/** Lets the root, which stands for the outside, have its turns, and returns who else could be next. */
export function others({ control, system }: Run): readonly Pid[] {
  for (let who = control.runnable(); ; who = control.runnable()) {
    if (!who.includes(system.root)) return who;
    control.turn(system.root);
  }
}

/**
 * Runs a scene once for each order of steps. Time goes by when nobody can step; with `anySpeed`, a timer
 * may ring before any step. `set` makes the actors and returns what is looked at in the end.
 */
export function everyOrder(
  set: (run: Run) => () => unknown,
  { anySpeed = false }: { readonly anySpeed?: boolean } = {},
): { readonly runs: number; readonly outcomes: ReadonlySet<string> } {
  const outcomes = new Set<string>();
  let runs = 0;
  /** At each choice, which was taken, of how many. */
  const path: { taken: number; readonly of: number }[] = [];
  for (;;) {
    const run = controlled();
    const outcome = set(run);
    // The setup is the step before all others.
    let depth = 0;
    for (;;) {
      const who = others(run);
      const due = who.length === 0 || anySpeed ? run.control.due() : [];
      const count = who.length + due.length;
      if (count === 0) break;
      const choice = path[depth] ?? { taken: 0, of: count };
      if (choice.of !== count) throw new Error('The same steps led to something else');
      path[depth++] = choice;
      const next = who[choice.taken];
      if (next !== undefined) {
        run.control.turn(next);
      } else {
        const timer = due[choice.taken - who.length];
        if (timer === undefined) throw new Error('There is no such choice');
        run.clock.time = Math.max(run.clock.time, timer.due);
        run.control.ring(timer);
      }
    }
    runs++;
    outcomes.add(JSON.stringify(outcome()));
    while (path.length > 0 && (path.at(-1)?.taken ?? 0) + 1 === path.at(-1)?.of) path.pop();
    const last = path.at(-1);
    if (last === undefined) return { runs, outcomes };
    last.taken++;
  }
}
