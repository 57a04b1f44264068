/** Where an entry begins. */

/**
 * Segment × 2³² + offset. Rises with each append, and is never used again; of a copy it is a new one. A
 * number that JSON and indexes keep exactly.
 */
export type Position = number;

const SEGMENT = 2 ** 32;
/** Above it, positions would not be exact any more. */
export const LAST_SEGMENT = 2 ** 21 - 1;

export function positionOf(segment: number, offset: number): Position {
  return segment * SEGMENT + offset;
}

export function segmentOf(at: Position): number {
  return Math.floor(at / SEGMENT);
}

export function offsetOf(at: Position): number {
  return at % SEGMENT;
}
