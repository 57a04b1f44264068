/** The actor `log`: it owns the journal, writes what has gathered in the ledger, and is the only one that waits for the disk. */

import {
  type Answer,
  type Disk,
  type Journal,
  type JournalEvent,
  JournalLocked,
  openJournal,
} from '@beamish/journal';
import {
  type Actor,
  type Message,
  type MessageOf,
  type Name,
  type ServerSelf,
  server,
} from 'beamish';
import { seamsOf } from 'beamish/transport';
import type { Happened } from '../memory/shelves.ts';
import type { HasLedger } from '../memory/tree.ts';
import type { BrokerAddress } from '../terms/address.ts';
import type { BrokerEvent } from '../terms/events.ts';
import { FileLedger } from './file-ledger.ts';
import { isLive, moved } from './liveness.ts';
import { Marks, QUIET_MS } from './marks.ts';
import { type Flush, Pending } from './pending.ts';
import { FORMAT } from './records.ts';
import { Replay } from './replay.ts';
import { restoreInto } from './restore.ts';

export interface LogOptions {
  readonly folder: string;
  readonly sync: 'disk' | 'os';
  readonly disk: Disk | undefined;
  readonly broker: BrokerAddress;
  /** Its own name. */
  readonly log: Name<Flush>;
}

/** Marks may have been quiet for long enough to be taken back. */
interface Quiet extends Message {
  readonly tag: '$quiet';
}

type Written = Flush | Quiet;

/** Of the life before that was killed, the lock is given free a moment later. */
const LOCK_TRIES = 20;
const LOCK_WAIT_MS = 50;
/** While the disk refuses, what is to be written is tried so often. */
const RETRY_MS = 1000;

export const log = server(function* (self: ServerSelf<Written>, options: LogOptions) {
  self.trapExit(true);
  const { incarnation, serial } = self.pid;
  const model = new Replay();
  const time = seamsOf(self);
  const prefix = `${incarnation.toString(36)}-${serial.toString(36)}.`;
  const pending = new Pending(options.log);
  const marks = new Marks(model, pending, time);
  const ledger = new FileLedger(model, pending, marks, time, prefix);
  const journal = yield* opened(self, options, {
    format: FORMAT,
    replay: (entry) => model.tell(entry),
    isLive: (entry) => isLive(model, entry),
    moved: (entry, to) => moved(model, entry, to),
    tell: (event) => tell(self, options.broker, event),
  });
  ledger.begin();
  const writer: Writer = { self, journal, pending, marks, isWatching: false };
  let isClosed = false;
  // One that is killed has no time to wait.
  self.defer(() => {
    if (!isClosed) void journal.close().catch(() => undefined);
  });
  return {
    call: {
      ledger: (): HasLedger => ({
        tag: '$ledger',
        ledger,
        restore: (shelves) => restoreInto(shelves, model, marks),
      }),
    },
    info: {
      $flush: () => flush(writer),
      *$quiet() {
        writer.isWatching = false;
        marks.takeBack(false);
        yield* flush(writer);
        watchMarks(writer);
      },
    },
    *terminate() {
      marks.takeBack(true);
      yield* flush(writer);
      isClosed = true;
      yield* self.wait(journal.close());
    },
  };
});

interface Writer {
  readonly self: ServerSelf<Written>;
  readonly journal: Journal;
  readonly pending: Pending;
  readonly marks: Marks;
  /** A timer runs until marks are looked at. */
  isWatching: boolean;
}

/** Its group is kept as a whole, or not at all; what has come meanwhile is the next one. */
function* flush(writer: Writer): Actor {
  const { self, journal, pending, marks } = writer;
  // Who is about to publish has its turn first: a sync costs the same for a larger group.
  yield* self.yield();
  const steps = [...pending.take(), ...marks.take()];
  if (steps.length === 0) return;
  const positions: number[] = [];
  try {
    for (const { bytes } of steps) positions.push(bytes === undefined ? 0 : journal.append(bytes));
    yield* settled(self, journal.commit());
  } catch (error) {
    // The disk's failure is the publishers' affair; the journal tells of it as an event.
    if (!(error instanceof Error && 'code' in error)) throw error;
    pending.again(self, steps);
    marks.heard(self, false);
    if (!pending.isEmpty || !marks.isEmpty) self.sendAfter(RETRY_MS, self.pid, { tag: '$flush' });
    return;
  }
  for (const [i, step] of steps.entries()) step.done(self, positions[i] as number);
  marks.heard(self, true);
  for (const at of pending.takeReleased()) journal.release(at);
  watchMarks(writer);
}

function watchMarks(writer: Writer): void {
  if (!writer.marks.isAhead || writer.isWatching) return;
  writer.isWatching = true;
  writer.self.sendAfter(QUIET_MS, writer.self.pid, { tag: '$quiet' });
}

function* opened(
  self: ServerSelf<Written>,
  { folder, sync, disk }: LogOptions,
  owner: Parameters<typeof openJournal>[1],
): Actor<Journal> {
  for (let tries = 1; ; tries++) {
    try {
      const options = { sync, ...(disk === undefined ? {} : { disk }) };
      return yield* settled(self, openJournal(folder, owner, options));
    } catch (error) {
      if (!(error instanceof JournalLocked) || tries === LOCK_TRIES) throw error;
      yield* self.sleep(LOCK_WAIT_MS);
    }
  }
}

/** At once where nothing has to be waited for. */
function* settled<T>(self: ServerSelf<Written>, answer: Answer<T>): Actor<T> {
  return answer instanceof Promise ? yield* self.wait(answer) : answer;
}

function tell(self: ServerSelf<Written>, broker: BrokerAddress, event: JournalEvent): void {
  const told = brokerEvent(event);
  // While the broker starts, there is nobody yet who could watch it.
  if (told === undefined || self.whereis(broker) === undefined) return;
  const happened: Happened = { tag: '$happened', event: { tag: 'broker', ...told } as BrokerEvent };
  self.send(broker as unknown as Name<Message>, happened);
}

function brokerEvent(event: JournalEvent): object | undefined {
  switch (event.kind) {
    case 'repaired':
      return { kind: 'journal_repaired', file: event.file, bytesCut: event.bytesCut };
    case 'failed':
      return { kind: 'journal_failed', file: event.file, code: event.code };
    case 'recovered':
      return { kind: 'journal_recovered' };
    default:
      return undefined;
  }
}

export type Log = MessageOf<typeof log>;
