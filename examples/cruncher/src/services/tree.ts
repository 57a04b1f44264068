// The supervision tree of the services. The order is that in which they need each other: who fails takes those
// after it along, and leaves those before it alone. In one process it has them all; in several, each has the
// broker's connection and a part.

import { amqp } from '@beamish/amqp';
import { type Broker, broker, type Deliveries, type Queue } from '@beamish/exchange';
import {
  type ChildSpec,
  child,
  type Name,
  name,
  type Portable,
  type Spawnable,
  type Supervisor,
  supervisor,
} from 'beamish';
import type { Bookcase } from './book.ts';
import { fast, thorough } from './crunchers.ts';
import type { Pace } from './crunching.ts';
import type { Mailer } from './mailer.ts';
import { notifier, type WhileStopped } from './notifier.ts';
import { STATUS, status } from './status.ts';
import { type TopologyOptions, topology, type Work } from './topology.ts';

/** The parts that there are. */
export const ROLES = ['prompt', 'fast', 'thorough', 'status', 'notifier'] as const;
export type Role = (typeof ROLES)[number];

type Cruncher = Portable<Deliveries<Work>, [options: TopologyOptions, pace: Pace], void>;

/** Whoever wants to crunch as well is one more line here. Nobody else is told. */
export const CRUNCHERS: Readonly<Record<string, Cruncher>> = { fast, thorough };

export interface ServicesOptions {
  /** `memory:`, `file:FOLDER` or `amqp://…` */
  readonly url: string;
  readonly topology: TopologyOptions;
  /** What of it runs in this process. */
  readonly roles: readonly Role[];
  readonly book: Bookcase;
  readonly notifyDomain?: string;
  readonly announce?: (addresses: readonly string[]) => void;
  readonly mailer: Mailer;
  /** Whose notices are sent. */
  readonly names: readonly string[];
  readonly whileStopped: WhileStopped;
  readonly pace?: Pace;
  /** The name of this system, for crunchers that are in another one. */
  readonly home?: string;
  /** Where crunchers run. Default: in this thread. */
  readonly place?: (
    body: Cruncher,
  ) => Spawnable<Deliveries<Work>, [options: TopologyOptions, pace: Pace], void>;
}

export const BROKER_NAME: Name<Broker> = name<Broker>('broker');
export const SERVICES = name<Supervisor>('services');
export const TEAM = name<Supervisor>('crunchers');
export const NOTIFIERS = name<Supervisor>('notifiers');

/** Whatever goes wrong at a file, or at a mail server, is no reason to give up the rest. */
const RESTARTS = 1_000_000;
/** What depends on a disk or another program is started again with a pause. */
const PAUSE = { firstMs: 100, maxMs: 10_000 };

export function services(options: ServicesOptions) {
  const { url, roles } = options;
  const its = topology(options.topology);
  const has = (role: Role): boolean => roles.includes(role);
  // Also where they run elsewhere: what is published before a cruncher is started for the first time waits for it.
  const queues: readonly Queue<Work>[] = Object.keys(CRUNCHERS).map(its.crunchers);
  return supervisor({
    strategy: 'rest_for_one',
    intensity: 10,
    children: [
      child(
        { id: 'broker', backoff: PAUSE },
        broker({ url, engines: [amqp], topology: [...its.all, ...queues], name: BROKER_NAME }),
      ),
      ...(has('status')
        ? [child({ id: 'status', name: STATUS, backoff: PAUSE }, status, options)]
        : []),
      child(
        { id: 'crunchers', name: TEAM },
        supervisor({
          intensity: RESTARTS,
          children: Object.keys(CRUNCHERS)
            .filter((cruncher) => has(cruncher as Role))
            .map((cruncher) => cruncherSpec(cruncher, options)),
        }),
      ),
      child(
        { id: 'notifiers', name: NOTIFIERS },
        supervisor({
          intensity: RESTARTS,
          children: has('notifier') ? options.names.map((each) => notifierSpec(each, options)) : [],
        }),
      ),
    ],
  });
}

function cruncherSpec(cruncher: string, options: ServicesOptions): ChildSpec {
  const { pace = {}, place = (body) => body, home } = options;
  const body = CRUNCHERS[cruncher] as Cruncher;
  const names = { ...options.topology, ...(home !== undefined && { home }) };
  return child({ id: cruncher, backoff: PAUSE }, place(body), names, pace) as ChildSpec;
}

/** One for each name; the page starts and stops them, too. */
export function notifierSpec(local: string, options: ServicesOptions): ChildSpec {
  return child({ id: local, backoff: PAUSE }, notifier, local, options) as ChildSpec;
}
