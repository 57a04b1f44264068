// What there is in a file, part by part, by either algorithm, wherever the file is. A file that comes again is cut at the same places,
// so its parts can be told by their numbers.

import { findAddresses } from '../addresses.ts';
import { Buffers } from '../buffers.ts';
import { type Chunk, ChunkReader } from '../chunks.ts';
import { encodingOf } from '../encoding.ts';
import { type OpenFile, reasonOf } from '../file-system.ts';
import { shortfall } from '../input.ts';
import { eachOf, RecordWriter } from '../records.ts';
import { Tally } from '../tally.ts';
import type { Addresses, Found } from './topology.ts';

export type Part = Pick<Found, 'found' | 'bytes' | 'ofBytes' | 'isLast' | 'error'>;

/** So small that whoever counts a part is free again after a few milliseconds. */
const PART_BYTES = 64 * 1024;

/** A way to find addresses in files, one file after the other. */
export interface Algorithm {
  /** Reads the file at a path. Ends with a part that is the last one, whatever happens. */
  parts(path: string): AsyncGenerator<Part, void>;
  /** The only part of a file that is small, at once: of many of them most of the time went into waiting. */
  whole?(path: string): Part | undefined;
}

/** How files are opened here. */
export type Open = (path: string) => OpenFile | Promise<OpenFile>;
/** All of a small file, in one of the buffers. */
export type ReadSmall = (path: string, buffers: Buffers) => Uint8Array<ArrayBuffer> | undefined;

/** What looks like an address, byte by byte. */
export function byBytes(open: Open, readSmall?: ReadSmall): Algorithm {
  const buffers = new Buffers(PART_BYTES);
  const writer = new RecordWriter();
  const tally = new Tally();
  const finder: Finder = {
    find({ bytes, from }) {
      findAddresses(bytes, from, writer);
      tally.add(writer.take());
      const addresses: string[] = [];
      const times: number[] = [];
      eachOf(tally.take(), (texts, start, end, count) => {
        addresses.push(texts.toString('latin1', start, end));
        times.push(count);
      });
      return { addresses, times };
    },
    refuses(beginning) {
      const encoding = encodingOf(beginning);
      return encoding && `is ${encoding}, in which no address can be found byte by byte`;
    },
  };
  return {
    parts: (path) => parts(open, path, buffers, (file) => new ChunkReader(file, buffers), finder),
    ...(readSmall !== undefined && {
      whole: (path) => whole(readSmall(path, buffers), buffers, finder),
    }),
  };
}

/** What is an address by the rules, in whatever a person can read. */
export function byRules(open: Open): Algorithm {
  const buffers = new Buffers(PART_BYTES);
  return {
    async *parts(path) {
      // It knows more, and takes longer to load.
      const [{ findIn, Findings }, { PieceReader }] = await Promise.all([
        import('../thorough/thorough.ts'),
        import('../thorough/pieces.ts'),
      ]);
      yield* parts(open, path, buffers, (file) => new PieceReader(file, buffers), {
        async find({ bytes, kind }) {
          const findings = new Findings();
          await findIn(bytes, findings, kind);
          const all = [...findings.addresses()];
          return { addresses: all.map(([address]) => address), times: all.map(([, n]) => n) };
        },
        refuses: () => undefined,
      });
    },
  };
}

interface Reader {
  readonly bytesRead: number;
  readonly ended: boolean;
  next(): Promise<Chunk | undefined>;
}

interface Finder<F = Addresses> {
  find(chunk: Chunk): F;
  /** Why nothing can be found in what begins like this. */
  refuses(beginning: Uint8Array): string | undefined;
}

const NOTHING: Addresses = { addresses: [], times: [] };

async function* parts(
  open: Open,
  path: string,
  buffers: Buffers,
  readerOf: (file: OpenFile) => Reader,
  finder: Finder<Addresses | Promise<Addresses>>,
): AsyncGenerator<Part, void> {
  let file: OpenFile | undefined;
  let bytes = 0;
  let ofBytes = 0;
  let error: string | undefined;
  try {
    file = await open(path);
    ofBytes = file.size ?? 0;
    const reader = readerOf(file);
    for (let n = 0; !reader.ended; n++) {
      const chunk = await reader.next();
      if (chunk === undefined) break;
      if (n === 0) error = finder.refuses(chunk.bytes);
      const found = await finder.find(chunk);
      buffers.giveBack(chunk.bytes);
      bytes = reader.bytesRead;
      if (!reader.ended) yield { found, bytes, ofBytes, isLast: false };
      else {
        error ??= shortfall(file, bytes);
        return yield { found, bytes, ofBytes, isLast: true, ...(error !== undefined && { error }) };
      }
    }
    error ??= shortfall(file, bytes);
  } catch (failure) {
    // The system refuses a file; the others can still be read.
    error = reasonOf(failure);
  } finally {
    file?.close();
  }
  yield { found: NOTHING, bytes, ofBytes, isLast: true, ...(error !== undefined && { error }) };
}

function whole(
  bytes: Uint8Array<ArrayBuffer> | undefined,
  buffers: Buffers,
  finder: Finder,
): Part | undefined {
  if (bytes === undefined) return undefined;
  const error = finder.refuses(bytes);
  const found = finder.find({ bytes, from: 'nothing' });
  const { length } = bytes;
  buffers.giveBack(bytes);
  const part = { found, bytes: length, ofBytes: length, isLast: true };
  return error === undefined ? part : { ...part, error };
}
