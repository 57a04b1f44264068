/** beamish/observation: for who watches actor systems, as tracing, metrics and an observer do. Programs do not need it. */

export { listen } from './observation/listen.ts';
export type { SendKind, Tap as Listener, Touch } from './seams/tap.ts';
