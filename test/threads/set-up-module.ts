/** What the tests of setting up have in a thread. */

import type { MessagePort } from 'node:worker_threads';
import type { ActorSystem } from 'beamish';
import { listen } from 'beamish/observation';

/** Tells the port who is spawned, and how many were there before. */
export function tellSpawns(system: ActorSystem, greeting: string, port: MessagePort): void {
  port.postMessage(`${greeting} ${system.name}: ${system.actors().length}`);
  listen(system, { spawned: (_, __, body) => port.postMessage(`spawned ${body}`) });
  port.unref();
}

export function fails(): void {
  throw new RangeError('Not here');
}

export async function failsWithWhatCannotLeave(): Promise<void> {
  throw Object.assign(new Error('With a function'), { cause: () => {} });
}

export function failsWithWhatCannotBeRead(): void {
  throw Object.create(null, { hidden: { value: 1 } });
}

export function failsWithAnErrorThatCannotBeRead(): void {
  const unreadable = {
    get(): never {
      throw new Error('Nobody reads this');
    },
  };
  throw Object.defineProperties(new Error(), { name: unreadable, message: unreadable });
}

export const nothing = 1;
