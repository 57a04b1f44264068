/** Names, tags, reasons and titles are only ever text: in the terminal, and in what is written. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { observe, servePage, toDot, toMermaid, toNdjson } from '@beamish/observer';
import type { ActorSystem } from 'beamish';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, screenOf, tableOf } from '../../packages/observer/src/cli/screen.ts';
import { startView } from '../../packages/observer/src/cli/top.ts';
import { Watched } from '../../packages/observer/src/cli/watched.ts';
import { widthOf } from '../../packages/observer/src/cli/width.ts';
import { hubOf } from '../../packages/observer/src/observing/observer.ts';
import { cut } from '../../packages/observer/src/terms/text.ts';
import { joinTags, splitTags } from '../../packages/observer/src/terms/wire.ts';
import { FROM_SOURCE } from '../support/from-source.ts';
import { CONTROLS, happen, ODD, oddProgram, SHOWN } from './odd-names.ts';

const CLI = fileURLToPath(new URL('../../packages/observer/src/cli.ts', import.meta.url));
test('SEC-12 tags with line breaks stay apart from each other, and no character is cut in halves', () => {
  for (const tags of [[...ODD], ['a\\', 'nb', '\\n', '\n', ''], ['x']])
    expect(splitTags(joinTags(tags))).toEqual(tags);
  expect(cut('ab😀cd', 4)).toBe('ab…');
});

describe('in a terminal, and in what is written', () => {
  let system: ActorSystem;
  beforeAll(async () => {
    system = await oddProgram();
  });
  afterAll(async () => {
    await system.shutdown();
  });

  test('SEC-12 on each screen of top they are one line of text, no wider than it', async () => {
    await using observer = observe(system);
    const watched = new Watched();
    watched.name = ODD.join(' ');
    watched.state = 'live';
    await observer.snapshot();
    happen(system);
    await observer.snapshot();
    watched.model = hubOf(observer).stations.model;
    watched.findings = await observer.doctor();
    expect(watched.findings.filter(({ rule }) => rule === 'deadlock')).toHaveLength(ODD.length);
    const start = startView('mailbox');
    const views = [
      start,
      { ...start, tree: true },
      ...ODD.map((odd) => ({ ...start, filter: odd, typing: odd })),
      ...[...watched.model.actors()].map(({ key }) => ({ ...start, current: key, details: true })),
    ];
    for (const view of views) {
      const rows = rowsOf(watched, view);
      const lines = screenOf(watched, view, rows, 100, 120, Date.now()).map(({ text }) => text);
      expect(lines.filter((text) => /\p{C}/u.test(text) || widthOf(text) > 100)).toEqual([]);
    }
    const table = tableOf(watched, start, 200, Date.now());
    expect(table).not.toMatch(CONTROLS);
    for (const words of SHOWN) expect(table).toContain(words);
  });

  test('SEC-12 what the command prints has no sign that a terminal obeys, as a table and as JSON', async () => {
    await using observer = observe(system);
    const served = await servePage(observer);
    const args = [...FROM_SOURCE, CLI, 'top', served.url, '--once'];
    const run = promisify(execFile);
    const [table, json] = await Promise.all([
      run(process.execPath, args),
      // It says that there are errors.
      run(process.execPath, [...args, '--json']).catch((error) => error as { stdout: string }),
    ]);
    expect(table.stdout).not.toMatch(CONTROLS);
    for (const words of SHOWN) expect(table.stdout).toContain(words);
    expect(json.stdout).not.toMatch(CONTROLS);
    const { actors } = JSON.parse(json.stdout) as { actors: { name?: string }[] };
    const names = actors.map((actor) => actor.name);
    for (const odd of ODD.slice(0, -1)) expect(names).toContain(odd);
    await served.close();
  }, 60_000);

  test('SEC-12 diagrams of trees, waits and messages make nothing of them, and NDJSON keeps them', async () => {
    await using observer = observe(system, { messages: 'always' });
    happen(system);
    await expect.poll(async () => (await observer.sequence()).messages.length).toBeGreaterThan(30);
    const sequence = await observer.sequence({ last: 1000 });
    const [tree, waits] = [await observer.tree(), await observer.waitGraph()];
    for (const text of [sequence, tree, waits].map((what) => toMermaid(what))) {
      expect(text).not.toMatch(CONTROLS);
      expect(text).not.toMatch(/<(?!br\/>)/);
    }
    for (const text of [toDot(tree), toDot(waits)]) expect(text).not.toMatch(CONTROLS);
    const lines = [...toNdjson(sequence)];
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ v: 1 });
    const tags = new Set(sequence.messages.map(({ tag }) => tag));
    for (const odd of ODD.slice(0, -1)) expect(tags).toContain(odd);
  });
});
