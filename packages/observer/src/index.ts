/** @beamish/observer: see a running system, in the browser, in the terminal, from code. */

export { toDot } from './exports/dot.ts';
export { toMermaid } from './exports/mermaid.ts';
export { metrics } from './exports/metrics.ts';
export { fromNdjson, toNdjson } from './exports/ndjson.ts';
export { toPerfetto } from './exports/perfetto.ts';
export type { Actions } from './observing/actions.ts';
export { type EventsOptions, type Observer, observe } from './observing/observer.ts';
export type { Recorder, RecordOptions } from './observing/record.ts';
export { type Traced, type TracedOptions, traced } from './observing/traced.ts';
export { type Page, type ServeOptions, servePage } from './page/server.ts';
export { openRecording, type Recording, RecordingRefused } from './recording/recording.ts';
export type {
  Action,
  Alike,
  Crash,
  DeadLetter,
  EventKind,
  Finding,
  Happening,
  Rule,
} from './terms/happening.ts';
export type { KeepOptions, ObserveOptions, PayloadOptions } from './terms/options.ts';
export type {
  ActorDetail,
  ActorFilter,
  ActorStatus,
  ActorView,
  Amount,
  Fate,
  MessageKind,
  MessageView,
  Ranked,
  Rate,
  Sequence,
  SequenceOptions,
  Snapshot,
  SystemView,
  TreeNode,
  View,
  WaitEdge,
  WaitGraph,
  Waiting,
} from './terms/view.ts';
export { type Downstream, type Envelope, PROTOCOL, type Upstream } from './terms/wire.ts';
