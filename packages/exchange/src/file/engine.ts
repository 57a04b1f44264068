/** The engine in this process with a folder: durable queues are on disk. */

import { child, name } from 'beamish';
import { brokerTree, checkOptions } from '../memory/tree.ts';
import { BROKER } from '../terms/address.ts';
import type { BrokerOptions, Engine } from '../terms/broker-options.ts';
import { log } from './log.ts';
import type { Flush } from './pending.ts';

export const file: Engine = {
  schemes: ['file'],
  start(options: BrokerOptions) {
    checkOptions(options, true);
    const { name: broker = BROKER, disk } = options;
    const { folder, sync } = placeOf(options.url as string);
    const its = name<Flush>(`${broker.name}/log`);
    const started = { folder, sync, disk, broker, log: its };
    const spec = child({ id: 'log', name: its }, log, started);
    return brokerTree(options, { name: its as never, spec: spec as never });
  },
};

/** `file:FOLDER`, or `file:FOLDER?sync=os`. @throws TypeError for others */
function placeOf(url: string): { readonly folder: string; readonly sync: 'disk' | 'os' } {
  const [path = '', query, ...more] = url.slice('file:'.length).split('?');
  // An absolute path may be written as a URL has it, with an empty host.
  const folder = decodeURI(path.startsWith('///') ? path.slice(2) : path);
  const isOther = query !== undefined && query !== 'sync=os' && query !== 'sync=disk';
  if (folder === '' || isOther || more.length > 0) {
    throw new TypeError(
      `Cannot make a broker at "${url}": the url is file:FOLDER, or file:FOLDER?sync=os`,
    );
  }
  return { folder, sync: query === 'sync=os' ? 'os' : 'disk' };
}
