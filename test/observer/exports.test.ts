/** What is written of a view, for other programs to read. */

import {
  fromNdjson,
  metrics,
  observe,
  toDot,
  toMermaid,
  toNdjson,
  toPerfetto,
} from '@beamish/observer';
import { type Actor, configure, type Message, name, type Pid, type Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { describe, expect, test } from 'vitest';
import { idler } from '../support/recorder.ts';
import { fragiles, type Letter, pair } from './programs.ts';

const ODD = [
  '<img src=x onerror=alert(1)>',
  '"]; click p1 "evil"',
  'two\nlines',
  '\0nul',
  '\ud800half',
  'right\u202eto left',
  'semi;colon#hash',
];

/** Reads exposition text as strictly as Prometheus does. */
function parse(
  text: string,
): Map<
  string,
  { type: string; samples: { name: string; labels: Record<string, string>; value: number }[] }
> {
  const families = new Map<
    string,
    { type: string; samples: { name: string; labels: Record<string, string>; value: number }[] }
  >();
  if (!text.endsWith('\n')) throw new Error('No last newline');
  let current = '';
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP ([a-z_:][\w:]*) (.+)$/.exec(line);
    const type = /^# TYPE ([a-z_:][\w:]*) (counter|gauge|histogram)$/.exec(line);
    if (help !== null) {
      if (families.has(help[1] as string)) throw new Error(`HELP twice: ${line}`);
      current = help[1] as string;
      families.set(current, { type: '', samples: [] });
    } else if (type !== null) {
      const family = families.get(type[1] as string);
      if (family === undefined || family.type !== '' || type[1] !== current)
        throw new Error(`TYPE out of place: ${line}`);
      family.type = type[2] as string;
    } else {
      const sample =
        /^([a-z_:][\w:]*)(?:\{((?:[a-z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/.exec(line);
      if (sample === null || !(sample[1] as string).startsWith(current))
        throw new Error(`Not a sample: ${line}`);
      const labels = Object.fromEntries(
        [...(sample[2] ?? '').matchAll(/([a-z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
          ([, key, value]) => [key, value],
        ),
      );
      if (Number.isNaN(Number(sample[3]))) throw new Error(`Not a number: ${line}`);
      families
        .get(current)
        ?.samples.push({ name: sample[1] as string, labels, value: Number(sample[3]) });
    }
  }
  return families;
}

const NAMES = {
  beamish_actors: 'gauge',
  beamish_messages_received_total: 'counter',
  beamish_mailbox_messages: 'gauge',
  beamish_mailbox_messages_max: 'gauge',
  beamish_spawns_total: 'counter',
  beamish_exits_total: 'counter',
  beamish_crashes_total: 'counter',
  beamish_restarts_total: 'counter',
  beamish_dead_letters_total: 'counter',
  beamish_mailbox_dropped_total: 'counter',
  beamish_run_queue: 'gauge',
  beamish_event_loop_delay_seconds: 'gauge',
  beamish_busy_ratio: 'gauge',
  beamish_recorded_ratio: 'gauge',
  beamish_queue_seconds: 'histogram',
  beamish_handling_seconds: 'histogram',
};

describe('metrics', () => {
  test('OBS-108 are valid exposition text, whatever bodies are called; OBS-109 all are there from the start', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const first = parse(await metrics(observer));
    expect(Object.fromEntries([...first].map(([its, { type }]) => [its, type]))).toEqual(NAMES);
    for (const { samples } of first.values()) expect(samples.length).toBeGreaterThan(0);
    for (const odd of ODD)
      system.spawn(
        Object.defineProperty(
          function* (self: Self): Actor {
            yield* self.receive('$never' as never);
          },
          'name',
          { value: odd },
        ),
      );
    await system.settle();
    const families = parse(await metrics(observer));
    expect(families.get('beamish_actors')?.samples).toHaveLength(ODD.length);
    const buckets =
      families
        .get('beamish_queue_seconds')
        ?.samples.filter(({ name: its }) => its.endsWith('_bucket')) ?? [];
    expect(buckets.at(-1)?.labels['le']).toBe('+Inf');
    const counts = buckets.map(({ value }) => value);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  test('OBS-109 count what happened', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always' });
    await fragiles(system, 9);
    for (let i = 0; i < 2; i++) {
      system.send(name<Letter>('fragile'), { tag: 'work', n: 3 });
      await system.settle();
    }
    system.send(name<Message>('nobody'), { tag: 'x' });
    const families = parse(await metrics(observer));
    const value = (family: string, labels: Record<string, string> = {}) =>
      families
        .get(family)
        ?.samples.find((its) =>
          Object.entries(labels).every(([key, label]) => its.labels[key] === label),
        )?.value;
    expect(value('beamish_crashes_total', { body: 'fragile' })).toBe(2);
    expect(value('beamish_restarts_total', { supervisor: 'supervisor' })).toBe(2);
    expect(value('beamish_dead_letters_total', { why: 'noname' })).toBe(1);
    expect(value('beamish_dead_letters_total', { why: 'overflow' })).toBe(0);
    expect(value('beamish_spawns_total')).toBe(5);
    expect(value('beamish_exits_total', { kind: 'crash' })).toBe(2);
    expect(families.get('beamish_queue_seconds')?.samples.at(-1)?.value).toBeGreaterThan(0);
    system.crashes();
    system.deadLetters();
  });

  test('OBS-109 tell what full mailboxes dropped by what each does when it is full', async () => {
    const system = testSystem();
    await using observer = observe(system);
    const droppedBy = async () =>
      Object.fromEntries(
        parse(await metrics(observer))
          .get('beamish_mailbox_dropped_total')
          ?.samples.map(({ labels, value }) => [labels['policy'], value]) ?? [],
      );
    expect(await droppedBy()).toEqual({ wait: 0, drop_newest: 0, drop_oldest: 0, exit: 0 });
    const sent = { wait: 2, drop_newest: 3, drop_oldest: 4, exit: 2 } as const;
    for (const [overflow, count] of Object.entries(sent)) {
      const mailbox = { limit: 1, overflow: overflow as keyof typeof sent };
      const pid = system.spawn(configure(idler, { mailbox })) as Pid<Message>;
      for (let i = 0; i < count; i++) system.send(pid, { tag: 'x' });
    }
    await system.settle();
    expect(await droppedBy()).toEqual({ wait: 1, drop_newest: 2, drop_oldest: 3, exit: 1 });
    expect((await observer.snapshot()).systems[0]?.dropped).toBe(7);
    system.deadLetters();
  });

  test('OBS-110 no label has more than 201 values, and none is a pid', async () => {
    const system = testSystem();
    await using observer = observe(system);
    for (let i = 0; i < 1000; i++)
      system.spawn(
        Object.defineProperty(
          function* (self: Self): Actor {
            yield* self.receive('$never' as never);
          },
          'name',
          { value: `body-${i}` },
        ),
      );
    await system.settle();
    const text = await metrics(observer);
    for (const { samples } of parse(text).values())
      expect(new Set(samples.map(({ labels }) => labels['body'])).size).toBeLessThanOrEqual(201);
    expect(text).toContain('body="other"');
    expect(text).not.toMatch(/<test\.|test\.\d/);
  });

  test('OBS-111 counters never fall, and two scrapes at once are both whole', async () => {
    const system = testSystem();
    await using observer = observe(system);
    let before = new Map<string, number>();
    for (let round = 0; round < 5; round++) {
      const pids = Array.from({ length: 20 }, () => system.spawn(idler));
      await system.settle();
      const [one, two] = await Promise.all([metrics(observer), metrics(observer)]);
      for (const text of [one, two]) {
        for (const [family, { type, samples }] of parse(text)) {
          if (type !== 'counter') continue;
          const sum = samples.reduce((all, { value }) => all + value, 0);
          expect([family, sum >= (before.get(family) ?? 0)]).toEqual([family, true]);
          before = new Map(before).set(family, sum);
        }
      }
      for (const pid of pids.slice(0, 10)) system.exitSignal(pid, 'kill');
      await system.settle();
    }
  });
});

describe('diagrams', () => {
  test('SEC-12 names are labels in Mermaid and DOT, whatever they are', async () => {
    const system = testSystem();
    for (const odd of ODD) system.register(odd, system.spawn(idler));
    await system.settle();
    await using observer = observe(system);
    const tree = await observer.tree();
    const mermaid = toMermaid(tree);
    const lines = mermaid.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + ODD.length);
    for (const line of lines.slice(1))
      expect(line).toMatch(
        /^ {2}p\d+\["[^"<;]*<br\/>[^"<;]*(?:#(?:\d+|quot|lt);[^"<]*)*"\]$|^ {2}p\d+\[".*"\]$/,
      );
    expect(mermaid).not.toContain('<img');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect(mermaid + toDot(tree)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    for (const line of toDot(tree).trimEnd().split('\n').slice(2, -1))
      expect(line).toMatch(/^ {2}p\d+ \[label="(?:[^"\\]|\\.)*"(?: style=dashed)?\];$/);
  });

  test('OBS-106 of ten thousand messages, 150 arrows and how many more', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always' });
    const pid = system.spawn(idler) as Pid<Message>;
    for (let i = 0; i < 10_000; i++) system.send(pid, { tag: 'x' });
    const text = toMermaid(await observer.sequence({ last: 20_000 }));
    expect(text.match(/-\)/g)).toHaveLength(150);
    expect(text).toContain('9850 more messages');
  });

  test('OBS-107 what toNdjson wrote is read as it was', async () => {
    const system = testSystem();
    await using observer = observe(system, { messages: 'always' });
    await pair(system);
    const sequence = await observer.sequence();
    const snapshot = await observer.snapshot();
    const read = fromNdjson(toNdjson(snapshot)) as typeof snapshot;
    expect(
      read.actors.map(({ label, reductions, pid }) => [label, reductions, String(pid)]),
    ).toEqual(
      snapshot.actors.map(({ label, reductions, pid }) => [label, reductions, String(pid)]),
    );
    expect(read.systems).toEqual(snapshot.systems);
    const messages = (fromNdjson(toNdjson(sequence)) as typeof sequence).messages;
    expect(
      messages.map(({ id, tag, fate, cause, sentAt }) => [id, tag, fate, cause, sentAt]),
    ).toEqual(
      sequence.messages.map(({ id, tag, fate, cause, sentAt }) => [id, tag, fate, cause, sentAt]),
    );
  });
});

type Field = readonly [number: number, value: bigint | Uint8Array];

/** Any protocol buffer, by the numbers of its fields. */
function decode(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    if ((key & 7n) === 0n) fields.push([number, varint()]);
    else if ((key & 7n) === 1n) {
      fields.push([
        number,
        new DataView(bytes.buffer, bytes.byteOffset + at).getBigUint64(0, true),
      ]);
      at += 8;
    } else if ((key & 7n) === 2n) {
      const length = Number(varint());
      fields.push([number, bytes.slice(at, at + length)]);
      at += length;
    } else throw new Error(`No wire type ${key & 7n}`);
  }
  return fields;
}

test('OBS-104 toPerfetto writes a trace: tracks, slices that begin and end in order, flows, counters', async () => {
  const system = testSystem();
  await using observer = observe(system, { messages: 'always' });
  await pair(system);
  const trace = decode(toPerfetto(await observer.sequence({ tags: ['ping', 'pong'] })));
  expect(new Set(trace.map(([number]) => number))).toEqual(new Set([1]));
  const packets = trace.map(([, packet]) => decode(packet as Uint8Array));
  const inner = (number: number) =>
    packets.flatMap((packet) =>
      packet.flatMap(([its, value]) => (its === number ? [decode(value as Uint8Array)] : [])),
    );
  const one = (fields: readonly Field[], number: number) =>
    fields.find(([its]) => its === number)?.[1];
  const tracks = inner(60);
  const ids = tracks.map((track) => one(track, 1));
  expect(new Set(ids).size).toBe(ids.length);
  expect(tracks.filter((track) => one(track, 3) !== undefined)).toHaveLength(1);
  expect(tracks.filter((track) => one(track, 4) !== undefined)).toHaveLength(2);
  expect(tracks.filter((track) => one(track, 8) !== undefined)).toHaveLength(2);
  const events = inner(11);
  const ofType = (type: bigint) => events.filter((event) => one(event, 9) === type);
  expect([ofType(1n).length, ofType(2n).length]).toEqual([6, 6]);
  const open = new Map<unknown, number>();
  for (const event of events) {
    const [type, track] = [one(event, 9), one(event, 11)];
    if (type !== 1n && type !== 2n) continue;
    open.set(track, (open.get(track) ?? 0) + (type === 1n ? 1 : -1));
    expect([0, 1]).toContain(open.get(track));
  }
  const flows = (number: number) =>
    events.flatMap((event) => event.flatMap(([its, value]) => (its === number ? [value] : [])));
  expect(new Set(flows(47)).size).toBe(6);
  expect([...flows(48)].sort()).toEqual([...flows(47)].sort());
  const times = packets.flatMap((packet) =>
    one(packet, 11) === undefined ? [] : [one(packet, 8) as bigint],
  );
  expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
  expect(times[0]).toBeGreaterThan(10n ** 17n);
  const counts = ofType(4n).map((event) => one(event, 30));
  expect(new Set(counts)).toEqual(new Set([0n, 1n]));
});
