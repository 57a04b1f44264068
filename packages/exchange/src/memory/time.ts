/** Time, for those who keep it. */

export interface Time {
  /** Milliseconds that only go forward. */
  now(): number;
  /** What it was some milliseconds ago at most; looking at it costs nothing. */
  lookedAt(): number;
  /** Milliseconds since 1970. */
  wall(): number;
}
