/** @beamish/journal/testing: a disk in memory, to which everything can happen that happens to disks. */

export { type MemoryDisk, memoryDisk } from './memory-disk.ts';
