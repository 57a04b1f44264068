/** @beamish/tasks: stored work that runs, retries, joins and repeats. */

export {
  chain,
  type EachOptions,
  each,
  group,
  type JoinOptions,
  onFailure,
  spread,
  withOptions,
} from './canvas/canvas.ts';
export {
  type AnyTask,
  declareTask,
  defineTask,
  type TaskBody,
  type TaskDefinition,
} from './canvas/definition.ts';
export type { Complete, Signature } from './canvas/signature.ts';
export type { SubmitOptions } from './canvas/submit-options.ts';
export type { Becoming, TaskRun, TaskSelf } from './canvas/task-self.ts';
export type { TaskHandle } from './outside/handle.ts';
export { type Metrics, metrics } from './outside/metrics.ts';
export type { TaskSnapshot } from './outside/snapshot.ts';
export { type TasksOptions, taskTree } from './outside/task-tree.ts';
export {
  type ScheduleSnapshot,
  type Schedules,
  type Tasks,
  tasks,
  tasksAt,
} from './outside/tasks.ts';
export { outcome, revoke, submit } from './outside/verbs.ts';
export type { Effect, TaskEvent, Transition } from './state/events.ts';
export type { Members, TaskRecord } from './state/record.ts';
export { transition } from './state/transition.ts';
export { type FileOptions, file } from './stores/file.ts';
export { memory } from './stores/memory.ts';
export type {
  Answer,
  Change,
  ClaimRequest,
  Counts,
  Held,
  NoteChange,
  Store,
  TaskFilter,
} from './stores/store.ts';
export { NotStorable } from './terms/codec.ts';
export { TaskFailed, type TaskFailure, type TaskOutcome, TaskUnfinished } from './terms/failure.ts';
export { type Backoff, expo, type RetryPolicy } from './terms/retry.ts';
export type { Storable } from './terms/storable.ts';
export type { Limits, ResultPolicy, TaskOptions } from './terms/task-options.ts';
export type { Priority, TaskId, TaskState } from './terms/task-state.ts';
export { TASKS, type TasksAddress, type TasksProtocol } from './tree/asking.ts';
export type { WorkerOptions } from './tree/plan.ts';
export type { Schedule } from './tree/schedule.ts';
export type { Rhythm } from './tree/slots.ts';
export type { TasksEvents, TasksStats } from './tree/stats.ts';
