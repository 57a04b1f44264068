/** beamish/observation: for who watches actor systems, or is watched, as an observer, metrics or a broker. Programs do not need it. */

export {
  type Figures,
  figuresOf,
  lookedAt,
  mark,
  markOf,
  overflowOf,
  ownerOfReplyTo,
  pidIn,
  stateShownBy,
  type TagsView,
  type TimerView,
  tagsIn,
  timersOf,
} from './observation/details.ts';
export { type Glimpse, type StatusCode, visit } from './observation/glimpse.ts';
export { listen, onSystem } from './observation/listen.ts';
export {
  type ActionResult,
  type Panel,
  type PanelTable,
  type PanelView,
  panelsOf,
  show,
} from './observation/panels.ts';
export { report } from './observation/report.ts';
export { onThread, type ThreadAccess } from './observation/threads.ts';
export type { SendKind, Tap as Listener, Touch } from './seams/tap.ts';
export type { Awaited, Supervising } from './state/cold-state.ts';
export type { Report } from './state/report-port.ts';
