import type { FloorProgram } from '../workload.ts';
import { spawnAndEnd } from './spawn-1000.ts';

export const floor: FloorProgram = { run: (n) => spawnAndEnd(n, 100_000) };
