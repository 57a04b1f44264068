/** One role of the pipeline, in a process of its own: says when it is ready, and for each line does its part once. */

import { createInterface } from 'node:readline';
import type { Role, Run } from './names.ts';
import { ours } from './ours.ts';
import { raw } from './raw.ts';

const [, , who, role, url = '', prefix = '', folder = '', count, prefetch] = process.argv;
const run: Run = { url, prefix, folder, count: Number(count), prefetch: Number(prefetch) };
const part = await (who === 'ours' ? ours : raw)(run, [role as Role]);
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  await part.go();
  if (role === 'publisher' || role === 'status') console.log('done');
}
