// The uploader reads the input and hands it out, chunk by chunk. It never runs ahead: with a chunk in
// hand it waits until a cruncher is free to take it, so memory does not grow with the input.
//
// It gives everything that is to be counted a number. A cruncher that dies leaves its chunk to the
// next one under the same number, and the status displayer counts each number once: so nothing is
// lost and nothing counts twice, wherever in its work a cruncher dies.

import type { Actor, Context, Self } from 'beamish';
import { mayHoldAny } from './addresses.ts';
import { Buffers } from './buffers.ts';
import { CHUNK_BYTES, ChunkReader } from './chunks.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import { encodingOf } from './encoding.ts';
import { type FileSystem, type OpenFile, reasonOf } from './file-system.ts';
import { type Input, inputsOf, shortfall } from './input.ts';
import { type Algorithm, type FromCruncher, STATUS, type ToUploader } from './messages.ts';
import type { PieceReader } from './thorough/pieces.ts';

export interface UploaderOptions extends DispatcherOptions {
  readonly chunkBytes?: number;
  /** Default: the fast one. */
  readonly algorithm?: Algorithm;
}

export function* uploader(self: Self<ToUploader>, options: UploaderOptions): Actor {
  const { files, chunkBytes = CHUNK_BYTES, algorithm = 'fast' } = options;
  const Reader = algorithm === 'fast' ? ChunkReader : yield* self.wait(pieceReader());
  const buffers = new Buffers(chunkBytes);
  const dispatcher = new Dispatcher(self, buffers, options);
  let seq = 0;
  for (;;) {
    const { paths, replyTo } = yield* self.receive('upload');
    for (const input of inputsOf(paths, files)) {
      seq = yield* read(input, seq, { self, dispatcher, buffers, files, Reader });
    }
    yield* dispatcher.finish();
    self.send(STATUS, { tag: 'upload_end', seq: seq++, replyTo });
  }
}

interface Desk {
  readonly self: Context<FromCruncher>;
  readonly dispatcher: Dispatcher;
  readonly buffers: Buffers;
  readonly files: FileSystem;
  /** How the input is cut. */
  readonly Reader: typeof ChunkReader | typeof PieceReader;
}

/** Reads one input to its end, and returns the next number. */
function* read(input: Input, first: number, desk: Desk): Actor<number> {
  const { self, dispatcher, buffers, files, Reader } = desk;
  const { path } = input;
  if (input.kind === 'note') {
    self.send(STATUS, { tag: 'note', seq: first, path, message: input.message });
    return first + 1;
  }
  if (input.kind === 'problem') {
    self.send(STATUS, { tag: 'file_end', seq: first, path, bytes: 0, error: input.message });
    return first + 1;
  }
  let seq = first;
  let position = 0;
  let reader: ChunkReader | PieceReader | undefined;
  let file: OpenFile | undefined;
  let error: string | undefined;
  try {
    file = input.kind === 'stdin' ? files.openStandardInput() : files.open(input.location);
    reader = new Reader(file, buffers);
    while (!reader.ended) {
      const chunk = yield* self.wait(reader.next());
      if (chunk === undefined) break;
      const { length } = chunk.bytes;
      const isByBytes = Reader === ChunkReader;
      if (position === 0 && isByBytes) error = unreadable(chunk.bytes);
      const part = file.edition && { ...file.edition, position, length };
      position += length;
      if (isByBytes && !mayHoldAny(chunk)) yield* dispatcher.pass(seq++, chunk);
      else yield* dispatcher.dispatch(seq++, chunk, part);
    }
    error ??= shortfall(file, reader.bytesRead);
  } catch (failure) {
    // The system refuses a file; the others can still be read.
    error = reasonOf(failure);
  } finally {
    file?.close();
  }
  const bytes = reader?.bytesRead ?? 0;
  self.send(STATUS, { tag: 'file_end', seq, path, bytes, error });
  return seq + 1;
}

async function pieceReader(): Promise<typeof PieceReader> {
  return (await import('./thorough/pieces.ts')).PieceReader;
}

/** Says that a text has letters of several bytes each, so that no address in it looks like one. */
function unreadable(beginning: Uint8Array): string | undefined {
  const encoding = encodingOf(beginning);
  return encoding && `is ${encoding}, in which no address can be found: convert it to UTF-8`;
}
