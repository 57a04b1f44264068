/** What a system under control tells of its names and timers, besides what its tap tells. */

import type { Pid } from 'beamish';
import type { Accesses, PendingTimer } from 'beamish/control';
import * as ways from './touches.ts';

/** Who writes it down. */
export interface AccessLog {
  touch(thing: string, way: number): void;
  look(whom: Pid): void;
  timer(timer: PendingTimer, how: 'start' | 'stop' | 'read'): void;
  /** Where those wait who began to in this run. */
  readonly sites: Map<Pid, string>;
}

export class SystemAccesses implements Accesses {
  protected readonly recorder: AccessLog;
  readonly #system: string;

  constructor(recorder: AccessLog, system: string) {
    this.recorder = recorder;
    this.#system = system;
  }

  name(name: string, isChange: boolean): void {
    this.recorder.touch(`name ${this.#system} ${name}`, isChange ? ways.CHANGE : ways.USE);
  }

  timer(timer: PendingTimer, how: 'start' | 'stop' | 'read'): void {
    // The end of whom it sends to takes it back, too; who is first sees it.
    if (timer.kind === 'send' && how !== 'start') {
      this.#taken();
      if (timer.to !== undefined && 'serial' in timer.to) this.recorder.look(timer.to);
    }
    this.recorder.timer(timer, how);
  }

  late(): void {
    this.#taken();
    this.recorder.touch('clock', ways.START);
  }

  #taken(): void {
    this.recorder.touch('timers taken back', ways.CHANGE);
  }
}

/** Also of where actors wait. */
export class ShownAccesses extends SystemAccesses {
  waits(who: Pid, stack: string): void {
    this.recorder.sites.set(who, stack);
  }
}
