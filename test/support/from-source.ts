/** What a Node is told that runs a program of this repository from its sources, as with tsx, and starts sooner. */
export const FROM_SOURCE: readonly string[] = [
  '--conditions=beamish-source',
  `--import=${new URL('loader/register.mjs', import.meta.url).href}`,
];
