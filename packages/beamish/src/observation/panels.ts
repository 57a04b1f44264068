/** What packages show of themselves: tables, which an observer asks for when somebody looks. */

import { type Caller, stateOf } from '../otp/caller.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { ActorSystem } from '../system/system.ts';

/**
 * What a package shows besides its actors: a broker its queues, an application its queues, workers and
 * tasks by state.
 */
export interface Panel {
  /** The tab's title, such as `Queues`. One of a title that is there is shown beside it. */
  readonly title: string;
  /**
   * Asked when somebody looks, once a second at most. It reads figures that the package keeps at hand, and sends
   * no message: who is looked at must not notice. Plain data; what rejects, or takes longer than 1 s, is shown as that.
   */
  look(): readonly PanelTable[] | Promise<readonly PanelTable[]>;
  /** Only where the observer may act. What is not among the actions of that row's table is refused before it is called. */
  act?(action: string, row: string): Promise<ActionResult>;
}

/** A table of a panel, as it is at one moment. */
export interface PanelTable {
  /** What stands above it. */
  readonly title: string;
  /** What the cells of each row mean, and in which unit they are; `'at'` is ms since 1970. */
  readonly columns: readonly {
    readonly title: string;
    readonly unit?: 'count' | 'ms' | 'bytes' | 'at';
  }[];
  /** `id` is what `act` is told; as many cells as columns. At most 1,000; `more` says how many there are besides. */
  readonly rows: readonly {
    readonly id: string;
    readonly cells: readonly (string | number | null)[];
    readonly severity?: 'error' | 'warning' | 'hint';
  }[];
  /** Rows that were left out. */
  readonly more?: number;
  /** What can be done to each row, such as `retry`. */
  readonly actions?: readonly string[];
}

/** A panel as it was seen. */
export interface PanelView {
  /** The name of the system that shows it. */
  readonly system: string;
  /** Of the panel. */
  readonly title: string;
  /** What it shows; empty if it failed. */
  readonly tables: readonly PanelTable[];
  /** Why there are no tables. */
  readonly failed: string | undefined;
}

/** What came of an action on a row. */
export type ActionResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason:
        | 'noproc'
        | 'noconnection'
        | 'no_server'
        | 'no_child'
        | 'no_panel'
        | 'refused';
    };

const shown = new WeakMap<SystemState, Set<{ readonly panel: Panel }>>();

/**
 * Adds a panel to those of the system that `by` is, or belongs to. Costs nothing until somebody looks. Returns how to take it out.
 *
 * ```ts
 * const hide = show(self, {
 *   title: 'Queues',
 *   look: () => [{ title: 'Queues', columns: [{ title: 'Name' }], rows: queues.map(rowOf) }],
 * });
 * ```
 */
export function show(by: Caller, panel: Panel): () => void {
  const system = stateOf(by);
  const panels = shown.get(system) ?? new Set();
  shown.set(system, panels);
  const entry = { panel };
  panels.add(entry);
  return () => {
    panels.delete(entry);
  };
}

/** The panels of a system, in the order in which they came. */
export function panelsOf(system: ActorSystem): readonly Panel[] {
  return Array.from(shown.get(stateOf(system)) ?? [], ({ panel }) => panel);
}
