/** Writes what an observer sees to a file, one JSON envelope a line, with everything anew at times, so that any moment can be shown. */

import { type FileHandle, open, rename } from 'node:fs/promises';
import { fullFrames } from '../model/full-frame.ts';
import type { WantedMessages } from '../station/recorded.ts';
import type { Happening } from '../terms/happening.ts';
import { toPlain } from '../terms/plain.ts';
import type { MessageView } from '../terms/view.ts';
import { PROTOCOL, type SystemFrame } from '../terms/wire.ts';
import { rowsOfViews } from '../views/sequence.ts';
import type { Hub } from './hub.ts';
import { programInfo } from './program.ts';

/** How to record; all may be left out. */
export interface RecordOptions {
  /** Whether messages are recorded, too. Default true. */
  readonly messages?: boolean;
  /** Then the oldest are left out: it is written to a second file, and the first is dropped. Default 256 MiB. */
  readonly bytes?: number;
  /** Ends the recording when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A recording that is being made. */
export interface Recorder extends AsyncDisposable {
  /** Where it is written. */
  readonly file: string;
  /** How much has been written to that file. */
  readonly bytes: number;
  /** Why nothing is written any more, as that the disk is full; the program goes on. */
  readonly failed: Error | undefined;
  /** Writes the end, and closes the file. */
  close(): Promise<void>;
}

const LEAST_BYTES = 4096;
const MOST_BYTES = 256 * 1024 * 1024;
const FRAME_MS = 250;
/** Everything is written anew so often. */
const FULL_MS = 10_000;
const MESSAGES_MS = 1000;
/** So many of the last ones, each time. */
const MOST_MESSAGES = 1000;
/** Of crashes that are alike, and of dead letters. */
const MOST_GROUPS = 100;
/** What waits to be written; beyond that, frames are left out until a full one. */
const MOST_WAITING = 8 * 1024 * 1024;

/** What was recorded lately of the messages. */
export type Recent = (
  wanted: WantedMessages,
) => Promise<{ readonly messages: readonly MessageView[] }>;

/** Begins. @throws RangeError for `bytes` that are none; rejects if the file cannot be written. */
export async function record(
  hub: Hub,
  recent: Recent,
  file: string,
  options: RecordOptions,
): Promise<Recorder> {
  const { messages = true, bytes = MOST_BYTES, signal } = options;
  if (!(bytes >= LEAST_BYTES))
    throw new RangeError(
      `Cannot record within ${String(bytes)} bytes: it takes ${LEAST_BYTES} at least`,
    );
  const handle = await open(file, 'w', 0o600);
  const recorder = new FileRecorder(hub, recent, file, bytes, messages, handle);
  signal?.addEventListener('abort', () => void recorder.close());
  if (signal?.aborted === true) await recorder.close();
  return recorder;
}

class FileRecorder implements Recorder {
  readonly file: string;
  bytes = 0;
  failed: Error | undefined;
  readonly #hub: Hub;
  readonly #recent: Recent;
  readonly #most: number;
  #handle: FileHandle;
  readonly #leave: () => void;
  #frames: SystemFrame[] = [];
  #happened: Happening[] = [];
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #fullAt = Number.NEGATIVE_INFINITY;
  #messagesAt = 0;
  #seq = 0;
  #end: 'closed' | 'shutdown' | undefined;

  constructor(
    hub: Hub,
    recent: Recent,
    file: string,
    most: number,
    messages: boolean,
    handle: FileHandle,
  ) {
    this.file = file;
    this.#hub = hub;
    this.#recent = recent;
    this.#most = most;
    this.#handle = handle;
    hub.stations.lookHere();
    this.#head();
    this.#leave = hub.watch({
      frameMs: FRAME_MS,
      messages,
      framed: (frame) => this.#frames.push(frame),
      happened: (happening) => this.#happened.push(happening),
      ticked: (at) => this.#tick(at, messages),
      ended: (reason) => void this.#close(reason),
    });
  }

  close(): Promise<void> {
    return this.#close('closed');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(reason: 'closed' | 'shutdown'): Promise<void> {
    if (this.#end === undefined) {
      this.#end = reason;
      this.#leave();
      // What happened since the last look belongs to it.
      if (this.failed === undefined) {
        this.#tell();
        this.#line('end', { reason });
        this.#flush();
      }
    }
    await this.#writing;
    await this.#handle.close().catch(() => {});
  }

  /** What a reader needs to begin with. */
  #head(): void {
    const { model } = this.#hub.stations;
    const { settings } = this.#hub;
    this.#line('hello', {
      client: '',
      program: programInfo(this.#hub.stations.system.name),
      systems: [...model.systems.values()].map((its) => [its.name, its.incarnation]),
      control: false,
      payloads: settings.payloads !== undefined,
      frameMs: FRAME_MS,
    });
    this.#full();
  }

  #full(): void {
    this.#fullAt = performance.now();
    this.#frames = [];
    const hub = this.#hub;
    this.#line('frame', { seq: this.#seq, full: true, systems: fullFrames(hub.stations.model) });
    this.#reports();
  }

  #tick(at: number, messages: boolean): void {
    if (this.failed !== undefined || this.#end !== undefined) return;
    this.#seq++;
    const isLate = this.#waitingBytes > MOST_WAITING;
    if (!isLate) {
      this.#tell();
      if (performance.now() - this.#fullAt >= FULL_MS) this.#full();
    }
    if (messages && at - this.#messagesAt >= MESSAGES_MS) {
      this.#messagesAt = at;
      void this.#recent({ last: MOST_MESSAGES }).then(({ messages: all }) => {
        if (this.#end !== undefined) return;
        const { at: from, ...rows } = rowsOfViews(all);
        this.#line(
          'messages',
          { system: this.#hub.stations.system.name, ...rows, missed: 0, from },
          from,
        );
      });
    }
    this.#flush();
  }

  #tell(): void {
    if (this.#frames.length > 0)
      this.#line('frame', { seq: this.#seq, full: false, systems: this.#frames });
    this.#frames = [];
    if (this.#happened.length === 0) return;
    this.#line('happened', { events: this.#happened.map(toPlain) });
    this.#happened = [];
    this.#reports();
  }

  #reports(): void {
    const { reports, findings } = this.#hub;
    const told = {
      crashes: reports.crashes().slice(0, MOST_GROUPS),
      letters: reports.deadLetters().slice(0, MOST_GROUPS),
      findings: findings(),
    };
    this.#line('reports', toPlain(told) as object);
  }

  #line(kind: string, fields: object, at = Date.now()): void {
    const line = `${JSON.stringify({ v: PROTOCOL, kind, at, ...fields })}\n`;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
  }

  #flush(): void {
    const lines = this.#waiting;
    if (lines.length === 0) return;
    this.#waiting = [];
    const text = Buffer.from(lines.join(''));
    this.#writing = this.#writing.then(() => this.#write(text));
  }

  async #write(text: Buffer): Promise<void> {
    if (this.failed !== undefined) return;
    try {
      await this.#handle.write(text);
      this.bytes += text.length;
      this.#waitingBytes = Math.max(0, this.#waitingBytes - text.length);
      if (this.bytes < this.#most / 2 || this.#end !== undefined) return;
      await this.#handle.close();
      await rename(this.file, `${this.file}.1`);
      this.#handle = await open(this.file, 'w', 0o600);
      this.bytes = 0;
      this.#head();
      this.#flush();
    } catch (error) {
      // The disk is full, or gone: it is told once, and the program goes on.
      this.failed = error as Error;
      this.#waiting = [];
      this.#leave();
      process.stderr.write(
        `beamish observer: the recording ${this.file} ends here: ${this.failed.message}\n`,
      );
    }
  }
}
