/**
 * What happens in one system, from its events, as plain data, and counts of it. What is asked for is listened
 * to while it is asked for; the rest is what the runtime tells only when something is out of order.
 */

import type { ActorSystem, Pid, RestartEvent, SystemEvents } from 'beamish';
import { type Listener, listen, overflowOf } from 'beamish/observation';
import { show } from 'beamish/transport';
import type { Crash, Happening } from '../terms/happening.ts';
import { cut } from '../terms/text.ts';
import { LONGEST } from '../terms/wire.ts';
import type { OnDemand } from './orders.ts';
import { plainReason } from './reason-text.ts';

/** Since the system is observed. */
export interface Counts {
  crashes: number;
  restarts: number;
  deadLetters: number;
  dropped: number;
  readonly crashesBy: Map<string, number>;
  readonly restartsBy: Map<string, number>;
  readonly deadLettersBy: Map<string, number>;
  /** By what the mailbox does when it is full. */
  readonly droppedBy: Map<string, number>;
}

/** Places of one supervisor whose restarts are counted. */
const MOST_PLACES = 1000;

type Hearers = { [E in keyof SystemEvents]?: (what: SystemEvents[E]) => void };

export class Happenings {
  readonly counts: Counts = {
    crashes: 0,
    restarts: 0,
    deadLetters: 0,
    dropped: 0,
    crashesBy: new Map(),
    restartsBy: new Map(),
    deadLettersBy: new Map(),
    droppedBy: new Map(),
  };
  readonly #system: ActorSystem;
  readonly #tell: (happening: Happening) => void;
  /** What an actor is known as, and what it waited for. */
  readonly #handledBy: (pid: Pid) => Crash['chain'];
  readonly #always: Hearers;
  /** By the serial of the supervisor and the id of the child. */
  readonly #restarts = new Map<number, Map<string, number>>();
  #demanded: readonly OnDemand[] = [];
  #stop: (() => void)[] = [];

  constructor(
    system: ActorSystem,
    tell: (happening: Happening) => void,
    handledBy: (pid: Pid) => Crash['chain'],
  ) {
    this.#system = system;
    this.#tell = tell;
    this.#handledBy = handledBy;
    const at = () => Date.now();
    this.#always = {
      crash: (crash) => this.#crash(crash),
      restart: (restart) => this.#restart(restart),
      supervisor: (report) => {
        if (report.report === 'progress') return;
        const plain = {
          ...report,
          id: cut(report.id, LONGEST.label),
          reason: plainReason(report.reason),
        };
        tell({ kind: 'supervisor', at: at(), report: plain });
      },
      dead_letter: (letter) => this.#deadLetter(letter),
      system_up: ({ system: name, incarnation }) =>
        tell({ kind: 'system_up', at: at(), system: name, incarnation }),
      system_down: ({ system: name, incarnation, reason, lost }) =>
        tell({
          kind: 'system_down',
          at: at(),
          system: name,
          incarnation,
          reason: plainReason(reason),
          lost,
        }),
      report: (report) => {
        const { kind, text } = report;
        tell({
          kind: 'report',
          at: at(),
          report: { kind, text: cut(text, LONGEST.reason), facts: factsOf(report.facts) },
        });
      },
    };
    for (const [event, hear] of Object.entries(this.#always))
      system.events.on(event as keyof SystemEvents, hear as never);
  }

  /** An actor has ended. */
  ended(serial: number): void {
    this.#restarts.delete(serial);
  }

  close(): void {
    for (const [event, hear] of Object.entries(this.#always))
      this.#system.events.off(event as keyof SystemEvents, hear as never);
    this.demand([]);
  }

  /** How often a place of a supervisor was filled anew. */
  restartsOf(supervisor: number, id: string): number {
    return this.#restarts.get(supervisor)?.get(id) ?? 0;
  }

  /** Tells of these, too, from now on; and of no others of those that are told only on demand. */
  demand(kinds: readonly OnDemand[]): void {
    if (kinds.join() === this.#demanded.join()) return;
    this.#demanded = kinds;
    for (const stop of this.#stop.splice(0)) stop();
    if (kinds.length === 0) return;
    const asks = (kind: OnDemand) => kinds.includes(kind);
    const tell = this.#tell;
    const at = () => Date.now();
    const { events } = this.#system;
    const hear = <E extends keyof SystemEvents>(
      event: E,
      told: (what: SystemEvents[E]) => void,
    ) => {
      events.on(event, told);
      this.#stop.push(() => events.off(event, told));
    };
    if (asks('exit'))
      hear('exit', ({ pid, reason }) =>
        tell({ kind: 'exit', at: at(), pid, reason: plainReason(reason) }),
      );
    const listener: Listener = {
      // As the runtime tells of one whose code came after it once more, the event of it does not.
      ...(asks('spawn')
        ? {
            spawned: (pid, parent, body) =>
              tell({ kind: 'spawn', at: at(), pid, parent, body: cut(body, LONGEST.label) }),
          }
        : {}),
      ...(asks('link') || asks('unlink')
        ? {
            linked: (from, to, on) => {
              const kind = on ? 'link' : 'unlink';
              if (asks(kind)) tell({ kind, at: at(), from, to });
            },
          }
        : {}),
      ...(asks('monitor') || asks('demonitor')
        ? {
            monitored: (from, to, on) => {
              const kind = on ? 'monitor' : 'demonitor';
              if (asks(kind)) tell({ kind, at: at(), from, to });
            },
          }
        : {}),
      ...(asks('exit_signal')
        ? {
            exitSignalled: (from, to, reason) =>
              tell({ kind: 'exit_signal', at: at(), from, to, reason: plainReason(reason) }),
          }
        : {}),
      ...(asks('timeout')
        ? {
            timedOut: (pid) => {
              const waitingFor = this.#system.info(pid)?.waitingFor ?? [];
              tell({ kind: 'timeout', at: at(), pid, waitingFor });
            },
          }
        : {}),
      ...(asks('name')
        ? { named: (name, pid) => tell({ kind: 'name', at: at(), name, pid }) }
        : {}),
    };
    if (Object.keys(listener).length > 0) this.#stop.push(listen(this.#system, listener));
  }

  #crash(crash: SystemEvents['crash']): void {
    this.counts.crashes++;
    count(this.counts.crashesBy, crash.body);
    const { pid, name, reason, ancestors, under, starting, handling, client } = crash;
    const { waitedFor, mailboxLength, links, trapExit } = crash;
    this.#tell({
      kind: 'crash',
      at: Date.now(),
      crash: {
        pid,
        name,
        body: cut(crash.body, LONGEST.label),
        reason: plainReason(reason),
        ancestors: ancestors.slice(0, 20),
        under: under.slice(0, 20),
        starting,
        // Of what it carries, nothing.
        handling: handling && { tag: cut(requestOf(handling), LONGEST.tag) },
        client,
        // Showing it would run the server's own code.
        state: undefined,
        waitedFor,
        mailboxLength,
        links: links.slice(0, 100),
        trapExit,
        at: Date.now(),
        restart: undefined,
        chain: this.#handledBy(pid),
      },
    });
  }

  #restart(restart: RestartEvent): void {
    if (restart.decision === 'restarted') {
      this.counts.restarts++;
      const ids = this.#restarts.get(restart.supervisor.serial) ?? new Map<string, number>();
      this.#restarts.set(restart.supervisor.serial, ids);
      const id = cut(restart.id, LONGEST.label);
      if (ids.size < MOST_PLACES || ids.has(id)) ids.set(id, (ids.get(id) ?? 0) + 1);
    }
    count(this.counts.restartsBy, String(restart.supervisor.serial));
    const told = {
      ...restart,
      id: cut(restart.id, LONGEST.label),
      reason: plainReason(restart.reason),
    };
    this.#tell({ kind: 'restart', at: Date.now(), restart: told });
  }

  #deadLetter({ from, to, message, why }: SystemEvents['dead_letter']): void {
    this.counts.deadLetters++;
    if (why === 'overflow') this.#dropped(to);
    count(this.counts.deadLettersBy, why);
    const tag = cut(requestOf(message), LONGEST.tag);
    this.#tell({
      kind: 'dead_letter',
      at: Date.now(),
      letter: {
        at: Date.now(),
        from: from && { pid: from, name: undefined, body: undefined },
        to: cut(show(to), LONGEST.label),
        tag,
        why,
      },
    });
  }

  /** What is dropped on its way to another system is dropped as by a mailbox whose senders may wait. */
  #dropped(to: SystemEvents['dead_letter']['to']): void {
    this.counts.dropped++;
    const policy = 'serial' in to ? overflowOf(this.#system, to as Pid) : undefined;
    count(this.counts.droppedBy, policy ?? 'wait');
  }
}

/** The tag of a message; of a request, what was asked for. */
export function requestOf(message: unknown): string {
  if (typeof message !== 'object' || message === null) return 'reply';
  const { tag } = message as { readonly tag?: unknown };
  if (tag === '$request') return (message as { readonly name: string }).name;
  if (tag === '$system') return (message as { readonly query: string }).query;
  return typeof tag === 'string' ? tag : 'reply';
}

function factsOf(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const first = Object.entries(facts).slice(0, 50);
  return Object.fromEntries(
    first.map(([name, fact]) => [
      cut(name, LONGEST.label),
      typeof fact === 'number' || typeof fact === 'boolean' ? fact : show(fact),
    ]),
  );
}

/** Of at most 200 kinds, the rest as `other`. */
function count(counts: Map<string, number>, what: string): void {
  const key = counts.has(what) || counts.size < 200 ? what : 'other';
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
