/** What a system under control tells, with the system's name where it is needed. */

import type { Address, ExitReason, Pid, Tap, Target } from 'beamish';
import type { Accesses, PendingTimer } from 'beamish/control';
import * as ways from './touches.ts';

/** Who writes it down, of all systems of a run. */
export interface AccessLog extends Required<Omit<Tap, 'sentAway' | 'named'>> {
  touch(thing: string, way: number): void;
  look(whom: Pid): void;
  timer(timer: PendingTimer, how: 'start' | 'stop' | 'read'): void;
  namedIn(system: string, name: string, pid: Pid | undefined): void;
  waits(who: Pid, stack: string): void;
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

  named(name: string, pid: Pid | undefined): void {
    this.recorder.namedIn(this.#system, name, pid);
  }

  // The same of every system.

  spawned(pid: Pid, parent: Pid, body: string): void {
    this.recorder.spawned(pid, parent, body);
  }

  sent(from: Pid, to: Address, message: unknown, kind: 0 | 1 | 2 | 3): void {
    this.recorder.sent(from, to, message, kind);
  }

  received(pid: Pid, message: unknown): void {
    this.recorder.received(pid, message);
  }

  timedOut(pid: Pid): void {
    this.recorder.timedOut(pid);
  }

  dropped(pid: Pid, message: unknown): void {
    this.recorder.dropped(pid, message);
  }

  turning(pid: Pid): void {
    this.recorder.turning(pid);
  }

  turned(pid: Pid, isReceiving: boolean): void {
    this.recorder.turned(pid, isReceiving);
  }

  exited(pid: Pid, reason: ExitReason): void {
    this.recorder.exited(pid, reason);
  }

  exitSignalled(from: Pid, to: Pid, reason: ExitReason): void {
    this.recorder.exitSignalled(from, to, reason);
  }

  linked(a: Pid, b: Pid, on: boolean): void {
    this.recorder.linked(a, b, on);
  }

  monitored(owner: Pid, target: Target, on: boolean): void {
    this.recorder.monitored(owner, target, on);
  }

  touched(who: Pid, how: Parameters<Required<Tap>['touched']>[1]): void {
    this.recorder.touched(who, how);
  }
}

/** Also of where actors wait. */
export class ShownAccesses extends SystemAccesses {
  waits(who: Pid, stack: string): void {
    this.recorder.waits(who, stack);
  }
}
