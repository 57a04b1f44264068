/**
 * A trace for Perfetto: a process for each system, a track for each actor, a slice for each message handled, a
 * flow from where it was sent to where it was taken, and a counter for each mailbox.
 */

import type { Pid } from 'beamish';
import type { Sequence } from '../terms/view.ts';
import { type PidText, pidText } from '../terms/wire.ts';
import { Message } from './protobuf.ts';

/** Fields of the messages of a trace. */
const PACKET = 1;
const TIMESTAMP = 8;
const SEQUENCE_ID = 10;
const TRACK_EVENT = 11;
const TRACK_DESCRIPTOR = 60;
const UUID = 1;
const NAME = 2;
const PROCESS = 3;
const THREAD = 4;
const PARENT_UUID = 5;
const COUNTER = 8;
const EVENT_TYPE = 9;
const EVENT_TRACK = 11;
const EVENT_NAME = 23;
const EVENT_VALUE = 30;
const FLOW = 47;
const LAST_FLOW = 48;

const SLICE_BEGIN = 1;
const SLICE_END = 2;
const INSTANT = 3;
const COUNTED = 4;

/** Apart from those of actors, which are even. */
const PROCESS_UUIDS = 1_000_000_000;

interface Track {
  readonly uuid: number;
  readonly counter: number;
  waiting: number;
  /** When its last slice ended: they follow each other, if by a nanosecond. */
  until: bigint;
}
interface Event {
  /** In ns since 1970. */
  readonly at: bigint;
  /** Of those of one moment: what ends, then what counts, then what begins. */
  readonly rank: number;
  readonly write: () => Message;
}

/** A Perfetto trace: a track for each actor under its thread, a slice for each message handled, a flow for each message, a counter for each mailbox. */
export function toPerfetto({ lifelines, messages }: Sequence): Uint8Array {
  const trace = new Message();
  const put = (packet: Message) => trace.inner(PACKET, packet.uint(SEQUENCE_ID, 1));
  const tracks = new Map<PidText, Track>();
  const systems = new Map<string, number>();
  for (const { pid, name, body } of lifelines) {
    const its = describe(pid, name ?? body ?? String(pid), systems, tracks);
    for (const packet of its) put(packet);
  }
  const events: Event[] = [];
  const trackOf = (who: Pid | string) =>
    typeof who === 'string' ? undefined : tracks.get(pidText(who));
  messages.forEach(({ from, to, tag, kind, sentAt, takenAt }, i) => {
    const flow = i + 1;
    const [sender, receiver] = [trackOf(from), trackOf(to)];
    const isMail = kind !== 'reply' && receiver !== undefined;
    if (sender !== undefined)
      events.push(
        event(ns(sentAt), 2, sender.uuid, INSTANT, (its) => {
          its.text(EVENT_NAME, `send ${tag}`);
          if (isMail && takenAt !== undefined) its.fixed64(FLOW, flow);
        }),
      );
    if (!isMail) return;
    events.push(counted(sentAt, receiver, 1));
    if (takenAt !== undefined) events.push(counted(takenAt, receiver, -1));
  });
  const taken = messages
    .map((message, i) => ({ message, flow: i + 1 }))
    .filter(({ message: { kind, takenAt } }) => kind !== 'reply' && takenAt !== undefined)
    .sort((a, b) => (a.message.takenAt as number) - (b.message.takenAt as number));
  for (const { message, flow } of taken) {
    const track = trackOf(message.to);
    if (track === undefined) continue;
    const begin = latest(ns(message.takenAt as number), track.until);
    const end = latest(ns(message.doneAt ?? (message.takenAt as number)), begin + 1n);
    track.until = end;
    events.push(
      event(begin, 3, track.uuid, SLICE_BEGIN, (its) =>
        its.text(EVENT_NAME, message.tag).fixed64(LAST_FLOW, flow),
      ),
      event(end, 0, track.uuid, SLICE_END),
    );
  }
  // Sorting keeps the order of equal ones.
  for (const { at, write } of events.sort((a, b) =>
    a.at === b.at ? a.rank - b.rank : a.at < b.at ? -1 : 1,
  ))
    put(new Message().uint(TIMESTAMP, at).inner(TRACK_EVENT, write()));
  return trace.bytes();
}

function describe(
  pid: Pid,
  label: string,
  systems: Map<string, number>,
  tracks: Map<PidText, Track>,
): Message[] {
  const packets: Message[] = [];
  const system = `${pid.system}@${pid.incarnation}`;
  let process = systems.get(system);
  if (process === undefined) {
    process = systems.size + 1;
    systems.set(system, process);
    const its = new Message().uint(1, process).text(6, pid.system);
    packets.push(
      new Message().inner(
        TRACK_DESCRIPTOR,
        new Message().uint(UUID, PROCESS_UUIDS + process).inner(PROCESS, its),
      ),
    );
  }
  const uuid = 2 * (tracks.size + 1);
  tracks.set(pidText(pid), { uuid, counter: uuid + 1, waiting: 0, until: 0n });
  const thread = new Message().uint(1, process).uint(2, uuid).text(5, label);
  const of = (track: number) =>
    new Message().uint(UUID, track).uint(PARENT_UUID, PROCESS_UUIDS + (process as number));
  packets.push(new Message().inner(TRACK_DESCRIPTOR, of(uuid).inner(THREAD, thread)));
  packets.push(
    new Message().inner(
      TRACK_DESCRIPTOR,
      of(uuid + 1)
        .text(NAME, `mailbox of ${label}`)
        .inner(COUNTER, new Message()),
    ),
  );
  return packets;
}

function event(
  at: bigint,
  rank: number,
  track: number,
  type: number,
  more: (its: Message) => void = () => {},
): Event {
  return {
    at,
    rank,
    write() {
      const its = new Message().uint(EVENT_TYPE, type).uint(EVENT_TRACK, track);
      more(its);
      return its;
    },
  };
}

/** Counted when it is written, which is in the order of time. */
function counted(at: number, track: Track, by: number): Event {
  return event(ns(at), 1, track.counter, COUNTED, (its) => {
    track.waiting += by;
    its.uint(EVENT_VALUE, track.waiting);
  });
}

function ns(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
