// The supervision tree as it is, for the page: read from the runtime, and not asked of the actors. Nobody who is
// looked at gets a message, or notices; those in other threads are looked at by a listener there.

import type { ActorSystem, Pid } from 'beamish';
import { type Glimpse, onThread, type Supervising, visit } from 'beamish/observation';
import type { SeenActor } from './frame.ts';

/** What a look at one actor shows; plain data, so that it can come from another thread. */
export interface Glance {
  readonly key: string;
  readonly state: SeenActor['state'];
  readonly waitingFor: string;
  readonly mailbox: number;
  readonly taken: number;
}

const STATES = ['running', 'runnable', 'waiting', 'awaiting', 'suspended'] as const;
const MOST_LENGTH = 60;

/** What is used of a MessagePort, in Node and in a browser alike. */
export interface Port {
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  close(): void;
  /** Node's: it keeps nothing alive. */
  unref?(): void;
}

export function glanceOf(glimpse: Glimpse): Glance {
  const { pid, status, waitingFor, mailboxLength, reductions } = glimpse;
  return {
    key: keyOf(pid),
    state: STATES[status],
    waitingFor: waitingFor.join(', ').slice(0, MOST_LENGTH),
    mailbox: mailboxLength,
    taken: reductions,
  };
}

/** Of one life of one system. */
export function keyOf({ system, serial }: Pid): string {
  return `${system}.${serial}`;
}

export class Sight {
  readonly #system: ActorSystem;
  /** By supervisor and child, how often it was started again. */
  readonly #restarts = new Map<string, number>();
  /** By thread, who looks there, and what was seen last. */
  readonly #threads = new Map<string, { port: Port; seen: readonly Glance[] }>();
  readonly #stop: () => void;

  /** `module` is where those are who look in other threads: sight-there.ts, wherever that has been put. */
  constructor(system: ActorSystem, module: string) {
    this.#system = system;
    system.events.on('restart', ({ supervisor, id, decision }) => {
      if (decision !== 'restarted') return;
      const place = `${keyOf(supervisor)} ${id}`;
      this.#restarts.set(place, (this.#restarts.get(place) ?? 0) + 1);
    });
    this.#stop = onThread(system, (thread) => {
      const { port1, port2 } = new MessageChannel() as unknown as Record<'port1' | 'port2', Port>;
      this.#threads.set(thread.system, { port: port1, seen: [] });
      port1.onmessage = ({ data }) => {
        const there = this.#threads.get(thread.system);
        if (there?.port === port1) there.seen = data as readonly Glance[];
      };
      port1.unref?.();
      // A thread without it is shown without what happens in it.
      thread.setUp({ module, exportName: 'lookHere' }, undefined, [port2]).catch(() => {});
    });
  }

  /** The tree below an actor; of other threads, as they were at the last look. */
  look(top: Pid, crunchers: ReadonlySet<string>): SeenActor | undefined {
    const seen = new Map<string, Glance>();
    const supervising = new Map<string, Supervising>();
    visit(this.#system, (glimpse) => {
      const glance = glanceOf(glimpse);
      seen.set(glance.key, glance);
      if (glimpse.supervising !== undefined) supervising.set(glance.key, glimpse.supervising);
    });
    for (const { port, seen: there } of this.#threads.values()) {
      for (const glance of there) seen.set(glance.key, glance);
      port.postMessage('look');
    }
    const rowOf = (pid: Pid | undefined, id: string, place: string): SeenActor => {
      const key = pid === undefined ? '' : keyOf(pid);
      const glance = seen.get(key);
      const below = supervising.get(key);
      return {
        id: place,
        label: id,
        kind: below === undefined ? 'actor' : 'supervisor',
        strategy: below?.strategy,
        state: pid === undefined ? 'ended' : (glance?.state ?? 'waiting'),
        waitingFor: glance?.waitingFor ?? '',
        mailbox: glance?.mailbox ?? 0,
        taken: glance?.taken ?? 0,
        restarts: this.#restarts.get(place) ?? 0,
        thread: pid === undefined || pid.system === this.#system.name ? undefined : pid.system,
        isCruncher: crunchers.has(place.slice(place.indexOf(' ') + 1)) && below === undefined,
        children:
          below === undefined
            ? []
            : below
                .children()
                .map((each, i) => rowOf(each.pid, each.id ?? `${i + 1}`, `${key} ${each.id}`)),
      };
    };
    return rowOf(top, 'page', 'top');
  }

  /** Who fills a place now. */
  childOf(supervisor: Pid, id: string): Pid | undefined {
    let found: Pid | undefined;
    visit(this.#system, ({ pid, supervising }) => {
      if (pid !== supervisor) return;
      found = supervising?.children().find((each) => each.id === id)?.pid;
    });
    return found;
  }

  close(): void {
    this.#stop();
    for (const { port } of this.#threads.values()) port.close();
  }
}
