/** What a worker has to do before it can load TypeScript. */

import { register } from 'tsx/esm/api';

register();
await import('./bare.ts');
