/** Where in a program's code something is, from the stack of an error. */

/** The runtime's own code, the simulator's, and what is nobody's. */
const NOT_ITS_OWN =
  /[\\/](?:beamish|sim)[\\/](?:src|dist|mutant)[\\/]|[\\/]node_modules[\\/]|^node:|<anonymous>/;

/** The first place in a stack that is the program's own, as `file.ts:12`; undefined if there is none. */
export function siteIn(stack: string | undefined): string | undefined {
  for (const line of stack?.split('\n').slice(1) ?? []) {
    const [, path = '', number] = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(line.trim()) ?? [];
    if (number === undefined || NOT_ITS_OWN.test(path)) continue;
    return `${path.slice(path.replaceAll('\\', '/').lastIndexOf('/') + 1)}:${number}`;
  }
  return undefined;
}
