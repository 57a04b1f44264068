// The uploader reads the input and hands it out, chunk by chunk. It never runs ahead: with a chunk in
// hand it waits until a cruncher is free to take it, so memory does not grow with the input.
//
// It gives everything that is to be counted a number. A cruncher that dies leaves its chunk to the
// next one under the same number, and the status displayer counts each number once: so nothing is
// lost and nothing counts twice, wherever in its work a cruncher dies.

import type { Actor, Context, Self } from 'beamish';
import { ChunkReader, streamSource } from './chunks.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import { type OpenFile, reasonOf } from './file-system.ts';
import { type Input, inputsOf, shortfall } from './input.ts';
import { type Ready, STATUS, type ToUploader } from './messages.ts';

export interface UploaderOptions extends DispatcherOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly chunkBytes?: number;
}

export function* uploader(self: Self<ToUploader>, options: UploaderOptions): Actor {
  const dispatcher = new Dispatcher(self, options);
  let seq = 0;
  for (;;) {
    const { paths, replyTo } = yield* self.receive('upload');
    for (const input of inputsOf(paths, options.files)) {
      seq = yield* read(self, dispatcher, input, seq, options);
    }
    yield* dispatcher.finish();
    self.send(STATUS, { tag: 'upload_end', seq: seq++, replyTo });
  }
}

/** Reads one input to its end, and returns the next number. */
function* read(
  self: Context<Ready>,
  dispatcher: Dispatcher,
  input: Input,
  first: number,
  options: UploaderOptions,
): Actor<number> {
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
  let reader: ChunkReader | undefined;
  let file: OpenFile | undefined;
  let error: string | undefined;
  try {
    file = opened(input, options);
    reader = new ChunkReader(file, {
      expectedBytes: file.size,
      ...(options.chunkBytes === undefined ? {} : { chunkBytes: options.chunkBytes }),
    });
    while (!reader.ended) {
      const chunk = yield* self.wait(reader.next());
      if (chunk === undefined) break;
      const { length } = chunk.bytes;
      const part = file.edition && { ...file.edition, position, length };
      position += length;
      yield* dispatcher.dispatch(seq++, chunk, part);
    }
    error = shortfall(file.size, reader.bytesRead);
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

function opened(
  input: Extract<Input, { kind: 'file' | 'pipe' | 'stdin' }>,
  { files, stdin }: UploaderOptions,
): OpenFile {
  if (input.kind === 'file') return files.open(input.location);
  if (input.kind === 'pipe') return files.openPipe(input.location);
  const closing = new AbortController();
  const { read } = streamSource(stdin, closing.signal);
  return { size: undefined, edition: undefined, read, close: () => closing.abort() };
}
