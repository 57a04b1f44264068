/** Opens a recording, and shows any moment of it as it was seen live. */

import { readFile } from 'node:fs/promises';
import type { Pid } from 'beamish';
import type { PanelView } from 'beamish/observation';
import { Model } from '../model/model.ts';
import { detailOf, waitingOf } from '../observing/details.ts';
import type { Alike, Crash, DeadLetter, Finding, Happening } from '../terms/happening.ts';
import { fromPlain } from '../terms/plain.ts';
import type {
  ActorDetail,
  ActorFilter,
  ActorView,
  Amount,
  MessageView,
  Ranked,
  Sequence,
  SequenceOptions,
  Snapshot,
  TreeNode,
  View,
  WaitGraph,
  Waiting,
} from '../terms/view.ts';
import { PROTOCOL, pidText, type SystemFrame } from '../terms/wire.ts';
import { rank, select, selecting } from '../views/select.ts';
import { merge, type SystemMessages, sequenceOf } from '../views/sequence.ts';
import { treeOf } from '../views/tree.ts';
import { waitGraphOf } from '../views/waits.ts';

/** A recording that was opened: a `View` of one of its moments. */
export interface Recording extends View, AsyncDisposable {
  /** When it begins, in ms since 1970. */
  readonly from: number;
  /** When it ends. */
  readonly until: number;
  /** Whether its last line is an end, or the program died. */
  readonly complete: boolean;
  /** The views show this time from now on. Default its end. */
  seek(at: number): Promise<void>;
  /** Lets go of it. */
  close(): Promise<void>;
}

/** What is no recording that can be read here. */
export class RecordingRefused extends Error {
  /** It is none at all, of a later version, or broken before its last line. */
  readonly reason: 'no_recording' | 'later_version' | 'damaged';
  /** Which file. */
  readonly file: string;
  /** Where in it. */
  readonly line: number;

  constructor(reason: RecordingRefused['reason'], file: string, line: number, found: string) {
    super(`Cannot open the recording ${file}: line ${line} ${found}`);
    this.reason = reason;
    this.file = file;
    this.line = line;
  }

  override get name(): string {
    return 'RecordingRefused';
  }
}

interface Envelope {
  readonly v: number;
  readonly kind: string;
  readonly at: number;
  readonly [field: string]: unknown;
}

/** Opens a recording, also one whose program died while it was written. @throws RecordingRefused for what is none, or of a later version. */
export async function openRecording(file: string): Promise<Recording> {
  return new RecordedView(linesOf(file, await readFile(file, 'utf8')));
}

/** What the server of a page needs besides. */
export class RecordedView implements Recording {
  readonly from: number;
  readonly until: number;
  readonly complete: boolean;
  readonly name: string;
  model = new Model();
  findings: readonly Finding[] = [];
  messages: readonly MessageView[] = [];
  #crashes: readonly Alike<Crash>[] = [];
  #letters: readonly Alike<DeadLetter>[] = [];
  #events: Happening[] = [];
  readonly #lines: readonly Envelope[];
  #at: number;

  constructor(lines: readonly Envelope[]) {
    this.#lines = lines;
    const [head] = lines as [Envelope];
    this.name = (head['program'] as { readonly name: string }).name;
    this.from = head.at;
    this.complete = lines.at(-1)?.kind === 'end';
    this.until = Math.max(...lines.map(({ at }) => at));
    this.#at = this.until;
    this.#show(this.until);
  }

  async seek(at: number): Promise<void> {
    if (!Number.isFinite(at))
      throw new RangeError(`Cannot show ${String(at)}: a moment is a number of ms since 1970`);
    this.#show(Math.min(this.until, Math.max(this.from, at)));
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  async snapshot(): Promise<Snapshot> {
    const { model } = this;
    return {
      at: this.#at,
      systems: model.views(),
      actors: select(model, undefined, this.#at),
      waits: waitGraphOf(model),
    };
  }

  async actors(filter?: ActorFilter): Promise<readonly ActorView[]> {
    return select(this.model, filter, this.#at);
  }

  async actor(pid: Pid): Promise<ActorDetail | undefined> {
    const actor = this.model.actor(pidText(pid));
    if (actor === undefined) return undefined;
    const handled = this.messages.filter(
      ({ to, takenAt }) =>
        typeof to !== 'string' && pidText(to) === actor.key && takenAt !== undefined,
    );
    return detailOf(this.model, actor, undefined, handled.slice(-20), this.#at);
  }

  async top(by: Amount, n = 10, filter?: ActorFilter): Promise<readonly Ranked[]> {
    return rank(this.model, by, n, filter, this.#at, () => 0);
  }

  async tree(filter?: ActorFilter): Promise<readonly TreeNode[]> {
    return treeOf(this.model, filter, this.#at);
  }

  async waiting(filter?: ActorFilter): Promise<readonly Waiting[]> {
    const isWanted = selecting(this.model, filter);
    return [...this.model.actors()]
      .filter(isWanted)
      .flatMap((actor) => waitingOf(this.model, actor, [], this.#at) ?? []);
  }

  async waitGraph(): Promise<WaitGraph> {
    return waitGraphOf(this.model);
  }

  async sequence(options: SequenceOptions = {}): Promise<Sequence> {
    const labelOf = (pid: Pid) => {
      const actor = this.model.actor(pidText(pid));
      return { pid, name: actor?.name ?? actor?.childId, body: actor?.body };
    };
    return sequenceOf(this.messages, options, { labelOf, events: this.#events, missed: undefined });
  }

  crashes(): readonly Alike<Crash>[] {
    return this.#crashes;
  }

  deadLetters(): readonly Alike<DeadLetter>[] {
    return this.#letters;
  }

  async doctor(): Promise<readonly Finding[]> {
    return this.findings;
  }

  async panels(): Promise<readonly PanelView[]> {
    return [];
  }

  /** From the last time that everything was written, up to then. */
  #show(at: number): void {
    this.#at = at;
    this.model = new Model();
    this.#crashes = this.#letters = this.findings = [];
    this.messages = [];
    this.#events = [];
    let first = 0;
    this.#lines.forEach((line, i) => {
      if (line.at <= at && line.kind === 'frame' && line['full'] === true) first = i;
    });
    this.#lines.forEach((line, i) => {
      const from = line.kind === 'messages' ? Number(line['from'] ?? line.at) : line.at;
      if (from <= at) this.#take(line, i >= first);
    });
    this.messages = this.messages.filter(({ sentAt }) => sentAt <= at);
    this.model.forget(at);
  }

  #take(line: Envelope, isRecent: boolean): void {
    const plain = (value: unknown) => fromPlain(value, (text) => this.model.pid(text));
    switch (line.kind) {
      case 'frame':
        if (isRecent)
          for (const frame of line['systems'] as readonly SystemFrame[]) this.model.apply(frame);
        break;
      case 'happened':
        for (const event of line['events'] as readonly unknown[]) {
          const happening = plain(event) as Happening;
          this.#events.push(happening);
          if (isRecent) this.model.heard(happening);
        }
        break;
      case 'reports':
        this.#crashes = plain(line['crashes']) as Alike<Crash>[];
        this.#letters = plain(line['letters']) as Alike<DeadLetter>[];
        this.findings = plain(line['findings']) as Finding[];
        break;
      case 'messages': {
        if (!isRecent) break;
        const its = {
          ...line,
          incarnation: 0,
          until: line.at,
          missed: 0,
        } as unknown as SystemMessages;
        const known = new Map(this.messages.map((message) => [message.id, message]));
        for (const message of merge([its], (text) => this.model.pid(text)))
          known.set(message.id, message);
        this.messages = [...known.values()];
        break;
      }
    }
  }
}

/** The last line may be half: then the program died while it was written. */
function linesOf(file: string, text: string): readonly Envelope[] {
  const lines = text.split('\n');
  const isWhole = lines.at(-1) === '';
  const envelopes: Envelope[] = [];
  lines.forEach((line, i) => {
    const isLast = i === lines.length - 1;
    if (line === '' && isLast) return;
    const envelope = parsed(line);
    if (envelope === undefined) {
      if (i === 0)
        throw new RecordingRefused(
          'no_recording',
          file,
          1,
          `begins with ${JSON.stringify(line.slice(0, 40))}`,
        );
      if (isLast && !isWhole) return;
      throw new RecordingRefused('damaged', file, i + 1, 'is no JSON envelope');
    }
    if (envelope.v !== PROTOCOL)
      throw new RecordingRefused(
        'later_version',
        file,
        i + 1,
        `is of version ${envelope.v}, and this reads version ${PROTOCOL}`,
      );
    if (i === 0 && envelope.kind !== 'hello')
      throw new RecordingRefused(
        'no_recording',
        file,
        1,
        `is a "${envelope.kind}", and no "hello"`,
      );
    envelopes.push(envelope);
  });
  if (envelopes.length === 0) throw new RecordingRefused('no_recording', file, 1, 'is empty');
  return envelopes;
}

function parsed(line: string): Envelope | undefined {
  try {
    const value = JSON.parse(line) as Partial<Envelope> | null;
    const isOne =
      typeof value === 'object' &&
      value !== null &&
      typeof value.v === 'number' &&
      typeof value.kind === 'string';
    return isOne ? (value as Envelope) : undefined;
  } catch {
    return undefined;
  }
}
