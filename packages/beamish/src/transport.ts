/** beamish/transport: for who connects actor systems, over threads or otherwise. Programs do not need it. */

export { RestartIntensity } from './otp/restart-intensity.ts';
export type { AnyBody } from './runtime/body.ts';
export type { Identity } from './runtime/border.ts';
export {
  type Connection,
  type ConnectOptions,
  connect,
  identityOf,
  isIdle,
  placed,
  population,
  whenShutDown,
} from './runtime/connection.ts';
export type { Carrier } from './runtime/outbox.ts';
export type { Code } from './runtime/transport.ts';
export type { Batch } from './runtime/wire.ts';
