/**
 * The slots of a timing wheel. The lowest level has one for each of 256 ms; each of the four higher ones has 64, of
 * which each is as long as the level below is in all. Above them all is one for whatever is due later, and beside them
 * one for what has no time yet.
 */

export const LOW_SLOTS = 256;
export const HIGH_SLOTS = 64;
const HIGH_LEVELS = 4;
/** Of the one slot for what is due after this round of the highest level. */
export const FAR_LEVEL = HIGH_LEVELS + 1;
const FAR_SLOT = LOW_SLOTS + HIGH_SLOTS * HIGH_LEVELS;
/** Of no level: the slot for what has no time yet. */
export const FRESH_SLOT = FAR_SLOT + 1;
export const SLOTS = FRESH_SLOT + 1;
/** Times below it, some 24 days, are small to the processor, too. */
const SMALL = 2 ** 31;

/** What a slot of each level spans, in ms; the last is the round of the highest, some 50 days. */
export const UNITS = [
  1,
  LOW_SLOTS,
  LOW_SLOTS * 64,
  LOW_SLOTS * 64 ** 2,
  LOW_SLOTS * 64 ** 3,
  LOW_SLOTS * 64 ** 4,
] as const;

/** The lowest level in whose present round `at` lies. */
export function levelOf(at: number, now: number): number {
  if (at < SMALL) return levelOfBits(at ^ now);
  let level = 0;
  while (level < FAR_LEVEL) {
    const round = UNITS[level + 1] as number;
    if (Math.floor(at / round) === Math.floor(now / round)) return level;
    level++;
  }
  return level;
}

/** That of two small times which differ in these bits. */
function levelOfBits(bits: number): number {
  if (bits < LOW_SLOTS) return 0;
  if (bits < LOW_SLOTS * 64) return 1;
  if (bits < LOW_SLOTS * 64 ** 2) return 2;
  return bits < LOW_SLOTS * 64 ** 3 ? 3 : 4;
}

export function levelOfSlot(slot: number): number {
  return slot < LOW_SLOTS ? 0 : 1 + Math.floor((slot - LOW_SLOTS) / HIGH_SLOTS);
}

export function slotOf(level: number, at: number): number {
  if (level === FAR_LEVEL) return FAR_SLOT;
  if (level === 0) return at & (LOW_SLOTS - 1);
  const place = Math.floor(at / (UNITS[level] as number)) & (HIGH_SLOTS - 1);
  return LOW_SLOTS + (level - 1) * HIGH_SLOTS + place;
}
