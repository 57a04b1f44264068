/** Just as much of protocol buffers as a trace is written with. */

export class Message {
  readonly #bytes: number[] = [];

  uint(field: number, value: number | bigint): this {
    this.#varint(BigInt(field) << 3n);
    this.#varint(BigInt(value));
    return this;
  }

  fixed64(field: number, value: number | bigint): this {
    this.#varint((BigInt(field) << 3n) | 1n);
    for (let i = 0n; i < 8n; i++) this.#bytes.push(Number((BigInt(value) >> (8n * i)) & 255n));
    return this;
  }

  text(field: number, value: string): this {
    return this.#delimited(field, new TextEncoder().encode(value));
  }

  inner(field: number, value: Message): this {
    return this.#delimited(field, value.#bytes);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #delimited(field: number, bytes: Uint8Array | readonly number[]): this {
    this.#varint((BigInt(field) << 3n) | 2n);
    this.#varint(BigInt(bytes.length));
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  #varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 127n; rest >>= 7n) this.#bytes.push(Number((rest & 127n) | 128n));
    this.#bytes.push(Number(rest));
  }
}
