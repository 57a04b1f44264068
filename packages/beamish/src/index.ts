/** beamish: actors with the semantics of Erlang processes. */

export { type AgentAddress, type AgentProtocol, agent } from './otp/agent.ts';
export { awaitMany, yieldMany } from './otp/await-many.ts';
export type { Backoff } from './otp/backoff.ts';
export type { Caller } from './otp/caller.ts';
export { type ChildOptions, type ChildSpec, child } from './otp/child-spec.ts';
export type { ChildCounts } from './otp/children.ts';
export { type DynamicSupervisorOptions, dynamicSupervisor } from './otp/dynamic-supervisor.ts';
export * as groups from './otp/groups.ts';
export type {
  MachineOptions,
  MachineSelf,
  StateHandlers,
  Stay,
  Stop,
  Transition,
} from './otp/machine-definition.ts';
export { type Main, type MainOptions, main } from './otp/main.ts';
export { type PoolOptions, type PoolProtocol, pool } from './otp/pool.ts';
export {
  type Registered,
  type Registry,
  type RegistryEntry,
  type RegistryOptions,
  registry,
  via,
} from './otp/registry.ts';
export { serve, server } from './otp/server.ts';
export {
  type Answers,
  type Later,
  later,
  type ReplyOf,
  type ServerDefinition,
  type ServerSelf,
} from './otp/server-definition.ts';
export { stateMachine } from './otp/state-machine.ts';
export { fromEmitter, fromReadable, messages, type Sink, toWritable } from './otp/streams.ts';
export { type SupervisorOptions, supervisor } from './otp/supervisor.ts';
export { checkChildSpecs } from './otp/supervisor-options.ts';
export {
  type ChildInfo,
  type ChildResult,
  countChildren,
  deleteChild,
  getChildSpec,
  restartChild,
  type Supervisor,
  startAnother,
  startChild,
  type Templated,
  terminateChild,
  whichChildren,
} from './otp/supervisor-requests.ts';
export {
  type Deadline,
  getState,
  replaceState,
  resume,
  type StopOptions,
  stop,
  suspend,
} from './otp/sys.ts';
export { supervisedTask, type Task, task } from './otp/task.ts';
export {
  type StreamOutcome,
  type TaskStream,
  type TaskStreamOptions,
  taskStream,
} from './otp/task-stream.ts';
export { whereisAt } from './otp/whereis-at.ts';
export type { CrashReport, Label } from './reports/crash-report.ts';
export type { RestartEvent, SystemEvents } from './reports/events.ts';
export type { Logger } from './reports/rate-limited-log.ts';
export type { Clock } from './seams/clock.ts';
export type { Decisions } from './seams/decisions.ts';
export type { SendKind, Tap, Touch } from './seams/tap.ts';
export { ActorSystem, type SystemOptions } from './system/system.ts';
export { configure, portable } from './terms/configure.ts';
export {
  CallFailed,
  Exited,
  type ExitReason,
  isOrderly,
  Nocatch,
  StartFailed,
  shutdown,
} from './terms/exit-reason.ts';
export { type Group, type GroupChange, group } from './terms/group.ts';
export type {
  Actor,
  Call,
  Operation,
  Outcome,
  Pending,
  Receive,
  Reply,
  Step,
} from './terms/operation.ts';
export {
  type Address,
  type Message,
  type Name,
  name,
  type Pid,
  type ReplyTo,
  type Target,
} from './terms/pid.ts';
export type {
  Answer,
  ArgsOf,
  CallArgs,
  HandlerName,
  Protocol,
  Question,
  ServerAddress,
  ServerMessage,
} from './terms/protocol.ts';
export type { Ref } from './terms/ref.ts';
export type {
  ActorInfo,
  ActorOptions,
  AliasUntil,
  Body,
  Configured,
  Context,
  Mail,
  MessageOf,
  PidOf,
  Portable,
  Self,
  Spawnable,
  Started,
  Verbs,
} from './terms/self-types.ts';
export {
  type Down,
  type Exit,
  isSignal,
  type Signal,
  type SystemDown,
  type Timeout,
} from './terms/signal.ts';
