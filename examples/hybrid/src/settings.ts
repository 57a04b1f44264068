/** Where the two sides meet: the same names in `py/tasks.py`. */

import type { CeleryOptions } from '@beamish/celery';

export const PY_QUEUE = process.env['PY_QUEUE'] ?? 'py-queue';
export const JS_QUEUE = process.env['JS_QUEUE'] ?? 'js-queue';

export const DEPLOYMENT: CeleryOptions = {
  broker: process.env['BROKER'] ?? 'amqp://guest:guest@localhost:5672/',
  results: process.env['BACKEND'] ?? 'rpc://',
};
