/** beamish/transport: for who connects actor systems, over threads or otherwise. Programs do not need it. */

export type { Identity } from './distribution/association.ts';
export {
  type Connection,
  type ConnectOptions,
  connect,
  identityOf,
  isIdle,
  population,
  whenShutDown,
  whenShutdownBegins,
} from './distribution/connection.ts';
export type { Carrier } from './distribution/outbox.ts';
export { placed } from './distribution/placing.ts';
export type { Batch } from './distribution/wire.ts';
export { announceThread, type ThreadAccess } from './observation/threads.ts';
export { RestartIntensity } from './otp/restart-intensity.ts';
export { type Seams, seamsOf } from './otp/seams-of.ts';
export type { Code } from './state/peer.ts';
export { isError, peek, show } from './terms/printable.ts';
export { reserveTags } from './terms/reserved.ts';
export type { AnyBody } from './terms/spawnable.ts';
