/** @beamish/tasks/engine: for packages that run tasks which come from elsewhere, or have tasks run elsewhere. Its parts may change with any version. */

export { type AnyTask, Definition } from './canvas/definition.ts';
export { givenWork, lackOf, namesIn, storedWork, type Work, workOf } from './canvas/work.ts';
export { systemOf } from './outside/tasks.ts';
export { KEEPER, THREAD_MS } from './run/bodies.ts';
export { BodyRun, type NotesApart, type Place } from './run/body-run.ts';
export { type Ended, eventOf, TimeLimitReached, toldAt } from './run/endings.ts';
export { type Errand, notesIn } from './run/keeper.ts';
export { runBody } from './run/runner.ts';
export { listsIn } from './state/arguments.ts';
export type { TaskEvent } from './state/events.ts';
export type { TaskRecord } from './state/record.ts';
export { decode, encode, encodeArguments, NotStorable } from './terms/codec.ts';
export { type FailedError, failedErrorOf, type TaskFailure } from './terms/failure.ts';
export { type FullAddress, full, TASKS, type TasksAddress } from './tree/asking.ts';
export { Limits } from './tree/limits.ts';
export type {
  Begin,
  EndBody,
  Ended as BodyEnded,
  EndedBy,
  Enlist,
  Guest,
  KeeperMessage,
  StoreMessage,
  TasksCalls,
  WorkerMessage,
} from './tree/messages.ts';
export { Seats } from './tree/seats.ts';
