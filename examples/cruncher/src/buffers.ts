// Chunks are read into the same few buffers again and again. Fresh memory for each cost more than
// the reading: the system has to clear every page of it, and the collector to take it back.

/** The buffers that nobody uses, all of one size. There are never more than were in use at one time. */
export class Buffers {
  readonly bytes: number;
  readonly #free: ArrayBuffer[] = [];

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /** A buffer with anything in it. */
  take(): Buffer<ArrayBuffer> {
    const free = this.#free.pop();
    return free === undefined ? Buffer.allocUnsafeSlow(this.bytes) : Buffer.from(free);
  }

  /** Whoever gives back what they took, or a part of it, may not look at it again. */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    // Of one that was moved to another thread nothing is left.
    if (buffer.byteLength === this.bytes) this.#free.push(buffer);
  }
}
