/** What a process has seen, in a file that outlives it: written before it goes on, so that a kill loses nothing of it. */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Happening } from './account.ts';

const SIZE = 6;
const WORDS: readonly Happening[0][] = [
  'published',
  'confirmed',
  'refused',
  'delivered',
  'redelivered',
  'settled',
];

/** Writes on at the end of it. */
export class Notes {
  readonly #file: number;
  readonly #record = Buffer.alloc(SIZE);

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  note([what, queue, n]: Happening): void {
    this.#record.writeUInt8(WORDS.indexOf(what), 0);
    this.#record.writeUInt8(queue, 1);
    this.#record.writeUInt32LE(n, 2);
    writeSync(this.#file, this.#record);
  }

  close(): void {
    closeSync(this.#file);
  }
}

export function* readNotes(path: string): Generator<Happening> {
  const bytes = readFileSync(path);
  for (let i = 0; i + SIZE <= bytes.length; i += SIZE)
    yield [
      WORDS[bytes[i] as number] as Happening[0],
      bytes[i + 1] as number,
      bytes.readUInt32LE(i + 2),
    ];
}
