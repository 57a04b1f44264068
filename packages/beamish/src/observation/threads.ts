/** The threads of a system, for who wants to be in each of them. */

import { type ActorSystem, stateOfSystem } from '../system/system.ts';

/** A thread with an actor system that is connected to the one of this thread. */
export interface ThreadAccess {
  /** The name of its actor system, and its life. */
  readonly system: string;
  /** Which life of a system of that name. */
  readonly incarnation: number;
  /**
   * Imports a module there and calls an export of it with the actor system, the value, and what is
   * transferred. Resolves when that has returned. What it throws rejects this, and is reported; the thread
   * goes on all the same. What it sets up must not keep the thread alive. Rejects when the thread has ended.
   */
  setUp(
    code: { readonly module: string; readonly exportName: string },
    value: unknown,
    transfer?: readonly unknown[],
  ): Promise<void>;
}

interface Threads {
  readonly there: Set<ThreadAccess>;
  readonly met: Set<{ readonly meet: (thread: ThreadAccess) => void }>;
}

const threads = new WeakMap<ActorSystem, Threads>();

/**
 * Calls `meet` for each thread of a system that there is, and each that begins. What is set up in one that
 * begins, from within `meet`, is done before an actor runs in it. A `meet` that throws is taken out, and
 * reported. Returns how to stop.
 */
export function onThread(system: ActorSystem, meet: (thread: ThreadAccess) => void): () => void {
  const { there, met } = threadsOf(system);
  const entry = { meet };
  met.add(entry);
  for (const thread of there) tell(system, entry, thread);
  return () => {
    met.delete(entry);
  };
}

/** For who makes threads: there is one more, in which nobody runs yet. Returns how to say that it is gone. */
export function announceThread(system: ActorSystem, thread: ThreadAccess): () => void {
  const { there, met } = threadsOf(system);
  there.add(thread);
  for (const entry of met) tell(system, entry, thread);
  return () => {
    there.delete(thread);
  };
}

function tell(
  system: ActorSystem,
  entry: { readonly meet: (thread: ThreadAccess) => void },
  thread: ThreadAccess,
): void {
  const { met } = threadsOf(system);
  try {
    if (met.has(entry)) entry.meet(thread);
  } catch (error) {
    // Code of who watches: its failure must not be the pool's.
    met.delete(entry);
    stateOfSystem(system).reports.listenerFailed('onThread', error);
  }
}

function threadsOf(system: ActorSystem): Threads {
  const known = threads.get(system);
  if (known !== undefined) return known;
  const made: Threads = { there: new Set(), met: new Set() };
  threads.set(system, made);
  return made;
}
