/** What a broker is made of, and the port of an engine. */

import type { Disk } from '@beamish/journal';
import type { Body, Name, Supervisor } from 'beamish';
import type { Broker } from './address.ts';
import type { Declarable } from './protocol.ts';

/** What a broker is made with; all may be left out. */
export interface BrokerOptions {
  /** `memory:` (default) and `file:FOLDER` (or `file:FOLDER?sync=os`, as of `@beamish/journal`) are here; others are of the engines. Credentials in it are never logged. */
  readonly url?: string | undefined;
  /** Those of other packages, such as `amqp` of `@beamish/amqp`. */
  readonly engines?: readonly Engine[];
  /** Declared before anybody can publish, and again after every reconnect. */
  readonly topology?: readonly Declarable[];
  /** Under which it is registered. Default `BROKER`. */
  readonly name?: Name<Broker>;
  /** `'encode'`: every message through its codec, in this process too, as on a wire. For tests. Default `'share'`. */
  readonly wire?: 'share' | 'encode';
  /** What `file:` writes to. For tests: `memoryDisk()` of `@beamish/journal/testing`. */
  readonly disk?: Disk;
}

/** The port that an engine implements; `@beamish/exchange/engine` has what it needs. */
export interface Engine {
  /** Of the URLs that it takes, without the colon. */
  readonly schemes: readonly string[];
  /** Called in `broker`: what is wrong with the options is thrown there. */
  start(options: BrokerOptions): Body<Supervisor, [], void>;
}
