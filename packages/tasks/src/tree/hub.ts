/** Where those who listen in this process find an application: by its system and its name. */

import type { Caller, Pid } from 'beamish';
import { EventEmitter } from 'eventemitter3';
import { reportCallback } from './reports.ts';
import type { TasksEvents } from './stats.ts';

type Listeners = { [E in keyof TasksEvents]: (what: TasksEvents[E]) => void };

export interface Hub {
  readonly events: EventEmitter<Listeners>;
}

const hubs = new Map<string, Hub>();

/** Of the application that has, had or will have this name in the system of `root`. */
export function hubOf({ system, incarnation }: Pid, name: string): Hub {
  const key = `${system}#${incarnation}/${name}`;
  const hub = hubs.get(key) ?? { events: new EventEmitter<Listeners>() };
  hubs.set(key, hub);
  return hub;
}

/** The application is over. */
export function dropHub({ system, incarnation }: Pid, name: string): void {
  hubs.delete(`${system}#${incarnation}/${name}`);
}

/** Tells those who listen. What one of them throws is reported, and nothing else. */
export function emit<E extends keyof TasksEvents>(
  by: Caller,
  { events }: Hub,
  event: E,
  what: TasksEvents[E],
): void {
  for (const listener of events.listeners(event)) {
    try {
      (listener as (what: TasksEvents[E]) => void)(what);
    } catch (error) {
      reportCallback(by, `a listener of "${event}"`, error);
    }
  }
}
