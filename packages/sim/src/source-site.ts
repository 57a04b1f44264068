/** Where in a program's code something is, from the stack of an error. */

/** What is nobody's, or somebody else's. */
const FOREIGN = /[\\/]node_modules[\\/]|^node:|<anonymous>/;
/** The simulator's own code. */
const OWN = folderOf(import.meta.url);

/** The first place in a stack of the runtime's that is the program's own, as `file.ts:12`; undefined if there is none. */
export function siteIn(stack: string | undefined): string | undefined {
  let runtime: string | undefined;
  for (const line of stack?.split('\n').slice(1) ?? []) {
    const [, path = '', number] = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(line.trim()) ?? [];
    if (number === undefined) continue;
    // The runtime has made the error.
    runtime ??= folderOf(path);
    const folder = folderOf(path);
    if (folder === runtime || folder === OWN || FOREIGN.test(path)) continue;
    return `${path.slice(path.replaceAll('\\', '/').lastIndexOf('/') + 1)}:${number}`;
  }
  return undefined;
}

/** Of a package: what its files have in common. */
function folderOf(path: string): string {
  const plain = path.replace(/^file:\/\//, '').replaceAll('\\', '/');
  return plain.replace(/\/(?:src|dist)\/.*$/, '/');
}
