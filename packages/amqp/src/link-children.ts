/** The children that have to run for a program to be connected, in this order, under `rest_for_one`. */

import { type ChildSpec, child, type Message, type Name, name } from 'beamish';
import { type LineOptions, lineServer } from './line-server.ts';
import type { LinkOptions } from './link.ts';
import { type LinkServer, linkServer } from './link-server.ts';

/** What connecting takes. */
export interface LinkChildrenOptions extends LinkOptions {
  /** The first and the longest wait before another try. */
  readonly backoff: LineOptions['backoff'];
  /** How long a start waits for a broker that is not there. */
  readonly startTimeoutMs: number;
  /** The broker's server, whose name is the first part of theirs: it is sent `$up` when it can consume again. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever else it takes
  readonly front: Name<any>;
}

/**
 * The children that have to run for a program to be connected, in this order, under `rest_for_one`. The link itself is
 * at `<front>/link`.
 *
 * ```ts
 * supervisor({ strategy: 'rest_for_one', children: [...linkChildren(options), child('front', front)] });
 * const { link } = yield* self.call(name<LinkServer>('front/link'), 'link');
 * ```
 */
export function linkChildren(options: LinkChildrenOptions): readonly ChildSpec[] {
  const { place, connectionName, pendingLimit, backoff, startTimeoutMs, front } = options;
  const link = name<LinkServer>(`${front.name}/link`);
  const line = (which: LineOptions['which']): ChildSpec =>
    child({ id: which, name: `${front.name}/${which}` }, lineServer, {
      link,
      which,
      backoff,
      startTimeoutMs,
      front: front as Name<Message>,
    });
  return [
    child(
      { id: 'link', name: link },
      linkServer,
      { place, connectionName, pendingLimit },
      front.name,
    ),
    line('consumers'),
    // It waits until what is declared stands, which the other one sees to.
    line('publisher'),
  ];
}
