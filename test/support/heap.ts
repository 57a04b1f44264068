/** What is on the heap and cannot be collected. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use, once everything is collected that can be. */
export async function heapInUse(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    // What promises hold is let go when the loop has turned.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}
