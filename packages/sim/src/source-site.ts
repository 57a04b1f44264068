/** Where in a program's code something is, from the stack of an error. */

import { ActorSystem } from 'beamish';
import { StillClock } from 'beamish/control';

/** What is nobody's, or somebody else's. */
const FOREIGN = /[\\/]node_modules[\\/]|^node:|<anonymous>/;
/** The simulator's own code. */
const OWN = folderOf(import.meta.url);
/** The runtime's, as whoever is called by it sees. */
let runtime: string | undefined;

class SeeingClock extends StillClock {
  override now(): number {
    runtime ??= pathsIn(new Error().stack).find(({ folder }) => folder !== OWN)?.folder;
    return super.now();
  }
}

/** The first place in a stack that is the program's own, as `file.ts:12`; undefined if there is none. */
export function siteIn(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined;
  if (runtime === undefined) new ActorSystem({ log: 'off', clock: new SeeingClock() });
  for (const { path, folder, number } of pathsIn(stack)) {
    if (folder === runtime || folder === OWN || FOREIGN.test(path)) continue;
    return `${path.slice(path.replaceAll('\\', '/').lastIndexOf('/') + 1)}:${number}`;
  }
  return undefined;
}

interface Path {
  readonly path: string;
  readonly folder: string;
  readonly number: string;
}

function pathsIn(stack = ''): Path[] {
  return stack
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, path = '', number] = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(line.trim()) ?? [];
      return number === undefined ? [] : [{ path, folder: folderOf(path), number }];
    });
}

/** Of a package: what its files have in common. */
function folderOf(path: string): string {
  const plain = path.replace(/^file:\/\//, '').replaceAll('\\', '/');
  return plain.replace(/\/(?:src|dist)\/.*$/, '/');
}
