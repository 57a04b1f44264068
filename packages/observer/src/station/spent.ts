/** Time, and time of the processor: on a machine that is too busy to go on, the former says nothing of what is done. */

export interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

export function spentSoFar(): Spent {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1000 };
}

/** In ms; of a thread, what all of them spent is the most that it did. */
export function spentSince({ ms, cpuMs }: Spent): number {
  const now = spentSoFar();
  return Math.min(now.ms - ms, now.cpuMs - cpuMs);
}
