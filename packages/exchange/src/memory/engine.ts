/** The engine in this process without a disk. */

import type { BrokerOptions, Engine } from '../terms/broker-options.ts';
import { brokerTree, checkOptions } from './tree.ts';

export const memory: Engine = {
  schemes: ['memory'],
  start(options: BrokerOptions) {
    checkOptions(options, false);
    return brokerTree(options);
  },
};
