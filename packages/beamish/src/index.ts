/** beamish: actors with the semantics of Erlang processes. */

export { type ChildOptions, type ChildSpec, child } from './otp/child-spec.ts';
export {
  type Answers,
  type Later,
  later,
  type ReplyOf,
  type ServerDefinition,
  type ServerSelf,
  server,
} from './otp/server.ts';
export { type SupervisorOptions, supervisor } from './otp/supervisor.ts';
export {
  type ChildInfo,
  type Done,
  deleteChild,
  restartChild,
  type Supervisor,
  startChild,
  terminateChild,
  whichChildren,
} from './otp/supervisor-requests.ts';
export type { Clock } from './runtime/clock.ts';
export {
  type ActorInfo,
  type ActorOptions,
  type Body,
  type Configured,
  type Context,
  configure,
  type MessageOf,
  type PidOf,
  type Portable,
  portable,
  type Self,
  type Spawnable,
  type Started,
  type Verbs,
} from './runtime/context.ts';
export type { Decisions } from './runtime/decisions.ts';
export {
  CallFailed,
  Exited,
  type ExitReason,
  isOrderly,
  Nocatch,
  StartFailed,
  shutdown,
} from './runtime/exit-reason.ts';
export type { Actor, Call, Operation, Pending, Receive, Reply, Step } from './runtime/operation.ts';
export {
  type Address,
  type Message,
  type Name,
  name,
  type Pid,
  type ReplyTo,
  type Target,
} from './runtime/pid.ts';
export type { Protocol, ServerAddress, ServerMessage } from './runtime/protocol.ts';
export type { Ref } from './runtime/ref.ts';
export type { SystemEvents } from './runtime/reports.ts';
export { type Down, type Exit, isSignal, type Signal } from './runtime/signal.ts';
export { ActorSystem, type SystemOptions } from './runtime/system.ts';
export type { Tap } from './runtime/tap.ts';
