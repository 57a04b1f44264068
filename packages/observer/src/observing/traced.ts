/** One function, drawn: what it causes in a system, recorded until nobody has anything to do because of it. */

import type { ActorSystem, Label, Pid } from 'beamish';
import { listen, visit } from 'beamish/observation';
import { isIdle } from 'beamish/transport';
import { rowsOf } from '../station/recorded.ts';
import { Recorder } from '../station/recorder.ts';
import { capturing } from '../station/redact.ts';
import type { Happening } from '../terms/happening.ts';
import type { PayloadOptions } from '../terms/options.ts';
import type { MessageView, Sequence } from '../terms/view.ts';
import { type PidText, pidText } from '../terms/wire.ts';
import { lifelinesOf, merge } from '../views/sequence.ts';

/** What to draw of it. */
export interface TracedOptions {
  /** Only messages from or to these. */
  readonly actors?: readonly Pid[];
  /** What is kept of messages besides their tags. Default nothing. */
  readonly payloads?: PayloadOptions;
  /** At most so many messages; then it stops recording, and `missed` says how many there were. Default 10,000. */
  readonly limit?: number;
}

/** Await either; `diagram` also comes when `result` rejects. */
export interface Traced<T> extends PromiseLike<{ readonly result: T; readonly diagram: Sequence }> {
  /** What the function returned. */
  readonly result: Promise<T>;
  /** What it caused. */
  readonly diagram: Promise<Sequence>;
}

/** What goes on for ever because of it is followed for so long. */
const LONGEST_MS = 1000;

/**
 * Records what happens in a system while `run` runs, and until nobody has anything to do because of it,
 * and returns it. Works in a test, with a virtual clock too, if `run` lets its time pass. Of what goes on in the
 * system at the same time for other reasons, nothing is in it, as far as causes are known.
 *
 * ```ts
 * const { result, diagram } = await traced(system, () => system.call(bank, 'transfer', 5));
 * console.log(toMermaid(diagram));
 * ```
 */
export function traced<T>(
  system: ActorSystem,
  run: () => T | PromiseLike<T>,
  { actors, payloads, limit = 10_000 }: TracedOptions = {},
): Traced<T> {
  const size = 2 ** Math.ceil(Math.log2(Math.max(64, limit)));
  const how = payloads && capturing(payloads, () => {});
  const recorder = new Recorder(system, size, 1, how);
  const family = new Family(system);
  if (actors?.length === 1) recorder.single = actors[0];
  recorder.start();
  const result = (async () => await run())();
  const diagram = (async (): Promise<Sequence> => {
    try {
      // Whoever awaits the result hears of its failure.
      await result.catch(() => {});
      await idle(system);
    } finally {
      recorder.stop();
      family.stop();
    }
    return drawn(system, recorder, family, actors, limit);
  })();
  diagram.catch(() => {});
  const both = async () => {
    const [its, drawing] = await Promise.all([result, diagram]);
    return { result: its, diagram: drawing };
  };
  // biome-ignore lint/suspicious/noThenProperty: it is awaited as one, or in parts
  return { result, diagram, then: (done, failed) => both().then(done, failed) };
}

/** Those who were spawned meanwhile, from outside or by one of them, and what else happened. */
class Family {
  readonly members = new Map<PidText, Label>();
  readonly events: Happening[] = [];
  readonly stop: () => void;

  constructor(system: ActorSystem) {
    const root = pidText(system.root);
    this.stop = listen(system, {
      spawned: (pid, parent, body) => {
        const key = pidText(pid);
        const above = pidText(parent);
        if (above !== root && !this.members.has(above)) return;
        if (!this.members.has(key))
          this.events.push({ kind: 'spawn', at: Date.now(), pid, parent, body });
        this.members.set(key, { pid, name: undefined, body });
      },
      exited: (pid, reason) => {
        if (this.members.has(pidText(pid)))
          this.events.push({ kind: 'exit', at: Date.now(), pid, reason });
      },
      timedOut: (pid) => {
        if (!this.members.has(pidText(pid))) return;
        this.events.push({
          kind: 'timeout',
          at: Date.now(),
          pid,
          waitingFor: system.info(pid)?.waitingFor ?? [],
        });
      },
      named: (name, pid) => {
        const member = pid && this.members.get(pidText(pid));
        if (member !== undefined) this.members.set(pidText(member.pid), { ...member, name });
      },
    });
  }
}

async function idle(system: ActorSystem): Promise<void> {
  const until = performance.now() + LONGEST_MS;
  for (let quiet = 0; quiet < 2 && performance.now() < until; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = isIdle(system) ? quiet + 1 : 0;
  }
}

function drawn(
  system: ActorSystem,
  recorder: Recorder,
  family: Family,
  actors: readonly Pid[] | undefined,
  limit: number,
): Sequence {
  const { name, root } = system;
  const pids = new Map<PidText, Pid>();
  const recorded = recorder.read();
  for (const { from, to } of recorded)
    for (const who of [from, to]) if (typeof who !== 'string') pids.set(pidText(who), who);
  const all = merge(
    [
      {
        system: name,
        incarnation: root.incarnation,
        missed: recorder.missed,
        until: recorder.knownUntil,
        ...rowsOf(recorded, true),
      },
    ],
    (text) => pids.get(text),
  );
  const caused = ofFamily(all, root, family);
  const keys = actors && new Set(actors.map(pidText));
  const isWanted = (who: Pid | string) =>
    typeof who !== 'string' && keys?.has(pidText(who)) === true;
  const wanted =
    keys === undefined ? caused : caused.filter(({ from, to }) => isWanted(from) || isWanted(to));
  const messages = wanted.slice(0, limit);
  const labels = labelsIn(system, family);
  return {
    lifelines: lifelinesOf(
      messages,
      (pid) => labels.get(pidText(pid)) ?? { pid, name: undefined, body: undefined },
    ),
    messages,
    events: family.events,
    missed: (recorder.missed ?? 0) + wanted.length - messages.length,
  };
}

/** What came from outside meanwhile, or began in one of the family, and all that followed. */
function ofFamily(all: readonly MessageView[], root: Pid, family: Family): MessageView[] {
  const included = new Set<number>();
  return all.filter(({ id, from, kind, cause }) => {
    const begins = cause === undefined && kind !== 'reply';
    const is =
      (cause !== undefined && included.has(cause)) ||
      (begins && from === root && kind !== 'timer') ||
      family.members.has(pidText(from));
    if (is) included.add(id);
    return is || (kind === 'reply' && cause !== undefined && included.has(cause));
  });
}

/** By name or child id those who live; of those who have ended, what was told. */
function labelsIn(system: ActorSystem, family: Family): ReadonlyMap<PidText, Label> {
  const labels = new Map(family.members);
  labels.set(pidText(system.root), { pid: system.root, name: 'outside', body: undefined });
  visit(system, ({ pid, name, childId, body }) => {
    labels.set(pidText(pid), { pid, name: name ?? childId, body });
  });
  return labels;
}
