// Put before whatever speaks of `Buffer`.

export { Buffer } from './node-there.ts';
