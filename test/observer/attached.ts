/** A program that `attach` runs: tells what it sees of itself, and ends with 7. */

import { lstatSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ActorSystem } from 'beamish';

const system = new ActorSystem({ name: 'app', log: 'off' });
const folder = join(tmpdir(), `beamish-observer-${userInfo().uid}`);
const path = join(folder, `${process.pid}.json`);
const until = Date.now() + 20_000;
while (Date.now() < until) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  try {
    if (readdirSync(folder).includes(`${process.pid}.json`)) break;
  } catch {
    // It is not there yet.
  }
}
const mode = (its: string) => (lstatSync(its).mode & 0o777).toString(8);
console.log(
  JSON.stringify({
    argv: process.argv.slice(2),
    pid: process.pid,
    path,
    folder: mode(folder),
    file: mode(path),
    linked: lstatSync(folder).isSymbolicLink(),
  }),
);
await system.shutdown();
process.exit(7);
