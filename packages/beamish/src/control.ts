/** beamish/control: for who runs actor systems step by step, as a simulator does. Programs do not need it. */

export type { Accesses, PendingTimer } from './control/accesses.ts';
export { Control, type ReceiveInProgress, takeControl } from './control/control.ts';
export type { Lane } from './control/lane.ts';
export { StillClock } from './control/still-clock.ts';
