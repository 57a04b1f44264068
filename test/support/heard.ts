/** What a listener hears, as lines that a test can compare. */

import type { ActorSystem, Address, Pid, Tap } from 'beamish';
import { listen } from 'beamish/observation';

type Verb = keyof Tap;

const VERBS: readonly Verb[] = [
  'spawned',
  'sent',
  'received',
  'timedOut',
  'dropped',
  'turning',
  'turned',
  'exited',
  'exitSignalled',
  'linked',
  'monitored',
  'named',
  'touched',
];

export class Heard {
  readonly lines: string[] = [];
  /** Takes the listener out. */
  readonly stop: () => void;
  readonly #called = new Map<Pid, string>();

  /** Hears these verbs; all but `touched` if none is named. */
  constructor(system: ActorSystem, ...verbs: readonly Verb[]) {
    const heard = verbs.length > 0 ? verbs : VERBS.filter((verb) => verb !== 'touched');
    this.#called.set(system.root, 'root');
    const listener = Object.fromEntries(
      heard.map((verb) => [
        verb,
        (...what: readonly unknown[]) => {
          this.lines.push([verb, ...what.map((each) => this.#show(each))].join(' '));
        },
      ]),
    );
    this.stop = listen(system, listener);
  }

  /** What an actor is called in the lines. */
  call(called: string, pid: Pid): void {
    this.#called.set(pid, called);
  }

  /** What has been heard since the last time. */
  take(): string[] {
    return this.lines.splice(0);
  }

  #show(what: unknown): string {
    if (typeof what !== 'object' || what === null) return String(what);
    const called = this.#called.get(what as Pid);
    if (called !== undefined) return called;
    if ('tag' in what) return String(what.tag);
    return what instanceof Error ? what.message : String(what as Address);
  }
}
