/** Vital figures over time, a point a second. When there are too many, two neighbours become one that keeps the peak. */

export interface Point {
  readonly at: number;
  readonly actors: number;
  /** Messages taken a second. */
  readonly rate: number;
  readonly waiting: number;
  readonly restarts: number;
  readonly deadLetters: number;
  readonly busy: number;
}

const MOST = 3600;

export class History {
  readonly #keepMs: number;
  #points: Point[] = [];

  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add(point: Point): void {
    this.#points.push(point);
    const from = point.at - this.#keepMs;
    while (this.#points.length > 0 && (this.#points[0] as Point).at < from) this.#points.shift();
    if (this.#points.length > MOST) this.#points = thinned(this.#points);
  }

  last(n: number): readonly Point[] {
    return this.#points.slice(-n);
  }
}

/** The older half has half as many. */
function thinned(points: readonly Point[]): Point[] {
  const half = points.length >> 1;
  const kept: Point[] = [];
  for (let i = 0; i + 1 < half; i += 2) kept.push(peak(points[i] as Point, points[i + 1] as Point));
  return [...kept, ...points.slice(half)];
}

function peak(a: Point, b: Point): Point {
  return {
    at: b.at,
    actors: Math.max(a.actors, b.actors),
    rate: Math.max(a.rate, b.rate),
    waiting: Math.max(a.waiting, b.waiting),
    restarts: b.restarts,
    deadLetters: b.deadLetters,
    busy: Math.max(a.busy, b.busy),
  };
}
