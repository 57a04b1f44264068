/** The broker: the engine that its URL asks for. */

import type { Body, Supervisor } from 'beamish';
import { file } from './file/engine.ts';
import { memory } from './memory/engine.ts';
import type { BrokerOptions, Engine } from './terms/broker-options.ts';

const BUILT_IN: readonly Engine[] = [memory, file];

/**
 * A supervision tree with the engine in it: a child of yours, before all that use it. It has started when
 * its topology stands. The name is that of a server in it, which is asked; what ends the tree is its
 * supervisor.
 *
 * ```ts
 * const tree = supervisor({
 *   strategy: 'rest_for_one',
 *   children: [child('broker', broker({ topology: [jobs] })), child('worker', consumer(jobs, work))],
 * });
 * ```
 *
 * @throws TypeError for a URL of a scheme that no engine takes, and for what its engine cannot do, as
 * durable queues in memory. The start fails with BrokerRefused for a topology that contradicts itself.
 */
export function broker(options: BrokerOptions = {}): Body<Supervisor, [], void> {
  const { url = 'memory:', engines = [] } = options;
  const scheme = url.slice(0, Math.max(0, url.indexOf(':')));
  const engine = [...engines, ...BUILT_IN].find((each) => each.schemes.includes(scheme));
  if (engine === undefined) {
    const known = [...BUILT_IN, ...engines].flatMap((each) => each.schemes.map((its) => `${its}:`));
    const advice = scheme.startsWith('amqp') ? "; import { amqp } from '@beamish/amqp' for it" : '';
    throw new TypeError(
      `Cannot make a broker of the scheme "${scheme}:": engines has ${known.join(', ')}${advice}`,
    );
  }
  return engine.start(options);
}
