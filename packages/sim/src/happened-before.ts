/** Of each step of a run, the steps that happen before it: a bit for each pair. */
export class HappenedBefore {
  readonly #words: number;
  readonly #bits: Uint32Array;

  constructor(steps: number) {
    this.#words = (steps + 31) >>> 5;
    this.#bits = new Uint32Array(steps * this.#words);
  }

  /** Whether step `i` happens before step `j`. */
  has(j: number, i: number): boolean {
    return (((this.#bits[j * this.#words + (i >>> 5)] as number) >>> (i & 31)) & 1) === 1;
  }

  /** Step `i`, and all that happens before it, happens before step `j`. */
  add(j: number, i: number): void {
    const [bits, words] = [this.#bits, this.#words];
    const [to, from] = [j * words, i * words];
    for (let word = 0; word <= i >>> 5; word++)
      bits[to + word] = (bits[to + word] as number) | (bits[from + word] as number);
    const at = to + (i >>> 5);
    bits[at] = (bits[at] as number) | (1 << (i & 31));
  }
}
