/** What the benchmarks measure, and what they compare it with. */

import type { ActorSystem } from 'beamish';

/** A program of actors, measured. */
export interface Workload {
  readonly name: string;
  /** Of its figure: `'msg/s'`, or `'B'`, of which less is better. */
  readonly unit: string;
  /** One sentence, for the table. */
  readonly about: string;
  /** Operations of the run that counts, and of the one before it: until V8 has compiled what runs, and its heap has grown. */
  readonly n: number;
  readonly warmUp: number;
  /** Does `n` operations and resolves with its figure; throws if what came of them is wrong. */
  run(system: ActorSystem, n: number): Promise<number>;
  /** What it must not fall short of. Those in Erlang come first. */
  readonly rivals: readonly Rival[];
  /** What the figure itself must not exceed. */
  readonly atMost?: number;
}

/** Another program that does the same: one in `erlang/`, or another workload. */
export interface Rival {
  readonly erlang?: string;
  readonly workload?: string;
  /** What the figure is to be, in figures of the rival. Without, the comparison is for information. */
  readonly atLeast?: number;
  /** Operations, where a rate does not depend on them and as many would take the rival too long. */
  readonly n?: number;
}

/** The same in generators without a runtime: what the language itself allows. */
export interface FloorProgram {
  run(n: number): number;
}

/** The rate of operations since `began`, a reading of `performance.now()`. */
export function perSecond(operations: number, began: number): number {
  return operations / ((performance.now() - began) / 1000);
}

/** `n` in parts of `size`, the last of which may be smaller. */
export function parts(n: number, size: number): number[] {
  const sizes: number[] = [];
  for (let left = n; left > 0; left -= size) sizes.push(Math.min(left, size));
  return sizes;
}
