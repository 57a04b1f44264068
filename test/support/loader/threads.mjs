/** What vitest's processes load first: it is for the threads that they start, and not for themselves. */

import { isMainThread } from 'node:worker_threads';

if (!isMainThread) await import('./register.mjs');
