/**
 * Rings of small whole numbers: each has its neighbours in two arrays. A ring of many thousands is nothing to the
 * collector, which has to follow, and to move, a list of objects; and it is walked in the order of memory.
 */
export class Rings {
  readonly next: number[] = [];
  readonly previous: number[] = [];

  /** Makes a ring of one number, which is in no other. */
  begin(place: number): void {
    this.next[place] = place;
    this.previous[place] = place;
  }

  /** Puts a number, which is in no ring, before one that is: at its end, if that is the first. */
  putBefore(place: number, first: number): void {
    const last = this.previous[first] as number;
    this.previous[place] = last;
    this.next[place] = first;
    this.next[last] = this.previous[first] = place;
  }

  /** Takes a number out of its ring; what it had for neighbours stays written until it is put elsewhere. */
  takeOut(place: number): void {
    const next = this.next[place] as number;
    const previous = this.previous[place] as number;
    this.next[previous] = next;
    this.previous[next] = previous;
  }
}
