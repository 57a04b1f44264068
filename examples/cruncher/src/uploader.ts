// The uploader reads the input and hands it out, chunk by chunk. It never runs ahead: with a chunk in
// hand it waits until a cruncher is free to take it, so memory does not grow with the input.
//
// It gives everything that is to be counted a number. A cruncher that dies leaves its chunk to the
// next one under the same number, and the status displayer counts each number once: so nothing is
// lost and nothing counts twice, wherever in its work a cruncher dies.

import type { Actor, Context, Pid, Self } from 'beamish';
import { ChunkReader, streamSource } from './chunks.ts';
import { Crew, MOST_TRIES, type Work } from './crew.ts';
import { type FileSystem, type OpenFile, reasonOf } from './file-system.ts';
import { type Input, inputsOf, shortfall } from './input.ts';
import { type Crunch, type Ready, STATUS, type ToUploader } from './messages.ts';
import { whyOf } from './report.ts';

/** Results are counted in order, so they wait for the oldest; this many may wait. */
const MOST_AHEAD = 256;

export interface UploaderOptions {
  readonly files: FileSystem;
  readonly stdin: NodeJS.ReadStream;
  readonly chunkBytes?: number;
}

export function* uploader(self: Self<ToUploader>, options: UploaderOptions): Actor {
  const crew = new Crew<Pid<Crunch>>();
  let seq = 0;
  for (;;) {
    const { paths, replyTo } = yield* self.receive('upload');
    for (const input of inputsOf(paths, options.files)) {
      seq = yield* read(self, crew, input, seq, options);
    }
    while (!crew.isDone) yield* hear(self, crew);
    self.send(STATUS, { tag: 'upload_end', seq: seq++, replyTo });
  }
}

/** Reads one input to its end, and returns the next number. */
function* read(
  self: Context<Ready>,
  crew: Crew<Pid<Crunch>>,
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
      yield* dispatch(self, crew, { tag: 'crunch', seq: seq++, chunk });
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
  return { size: undefined, read, close: () => closing.abort() };
}

/** Waits until a cruncher is free, and gives it the chunk. */
function* dispatch(self: Context<Ready>, crew: Crew<Pid<Crunch>>, message: Crunch): Actor {
  while (message.seq - crew.oldest > MOST_AHEAD) yield* hear(self, crew);
  yield* give(self, crew, { message, deaths: 0 });
}

function* give(self: Context<Ready>, crew: Crew<Pid<Crunch>>, work: Work): Actor {
  for (;;) {
    const cruncher = crew.assign(work);
    if (cruncher !== undefined) return self.send(cruncher, work.message);
    yield* hear(self, crew);
  }
}

/** Takes one message of the crunchers: one is free, or one has died. */
function* hear(self: Context<Ready>, crew: Crew<Pid<Crunch>>): Actor {
  const message = yield* self.receive('ready', 'DOWN');
  if (message.tag === 'ready') {
    if (crew.ready(message.cruncher) === 'new') self.monitor(message.cruncher);
    return;
  }
  const work = crew.lost(message.target as Pid<Crunch>);
  if (work === undefined) return;
  work.deaths++;
  if (work.deaths < MOST_TRIES) yield* give(self, crew, work);
  else self.send(STATUS, { tag: 'gave_up', seq: work.message.seq, reason: whyOf(message.reason) });
}
