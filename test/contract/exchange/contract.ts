/**
 * The contract of all engines of exchanges, row by row. A row says what happens by the verbs of
 * `@beamish/exchange` alone, so that it runs on every engine; where one is kept from a row, `kept-from.ts`
 * says why, and the row is skipped by its name.
 */

import type { BrokerOptions, Declarable } from '@beamish/exchange';
import type { ActorSystem } from 'beamish';
import { describe, expect, test } from 'vitest';
import { ELSEWHERE, KEPT, NOT_ASKED, type Reasons, ROWS } from './kept-from.ts';
import { Stage } from './stage.ts';

/** What a row runs on: a system, a broker's options, and how to let things happen. */
export interface Host {
  readonly system: ActorSystem;
  readonly options: BrokerOptions;
  /** What it makes of what is declared. */
  declares?(token: Declarable): Declarable;
  /** Ends as soon as nothing happens any more but by time. */
  settle(): Promise<void>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  /** Checks when everything has happened; a host whose broker is far away checks again until it holds, or long enough. */
  eventually(check: () => void | Promise<void>): Promise<void>;
  /** It hears nothing of what its broker drops. */
  readonly isUntold?: boolean;
  /** Its broker hears of the end of an actor a moment after those who monitor it. */
  readonly isBehind?: boolean;
  /** Lets what serves this queue crash: its actor, or the connection. */
  crashQueue(queue: string): Promise<void>;
  /** Ends this program as a kill does, and begins another one, so much later by the calendar, on what is left. */
  killed?(laterMs?: number): Promise<Host>;
  close(): Promise<void>;
}

export interface Engine {
  readonly name: EngineName;
  /** Each row runs under each of them. */
  readonly seeds: readonly number[];
  open(seed: number): Promise<Host>;
}

export type EngineName = keyof typeof KEPT;

export type Row = (id: string, says: string, scene: (stage: Stage) => Promise<void>) => void;

/** Registers rows as the tests of one engine. */
export type Rows = (row: Row) => void;

/** Registers all rows for an engine, and that there is none which is neither held nor accounted for. */
export function exchangeContract(
  engine: Engine,
  parts: Readonly<Record<string, Rows>>,
  kept: Reasons = KEPT[engine.name],
): void {
  const held = new Set<string>();
  const row: Row = (id, says, scene) => {
    held.add(id);
    const why = kept[id];
    const suffix = why === undefined ? '' : ` (kept from ${engine.name}: ${why})`;
    test.skipIf(why !== undefined)(`${id}: ${says}${suffix}`, async () => {
      for (const seed of engine.seeds) await play(engine, seed, scene);
    });
  };
  for (const [part, rows] of Object.entries(parts)) describe(part, () => rows(row));
  for (const [id, why] of Object.entries(kept)) {
    if (!held.has(id)) test.skipIf(true)(`${id} (kept from ${engine.name}: ${why})`, () => {});
  }
  test('every row of the sheet is tested, or accounted for', () => {
    const open = ROWS.filter(
      (id) => !held.has(id) && !(id in kept) && !(id in NOT_ASKED) && !(id in ELSEWHERE),
    );
    expect(open).toEqual([]);
  });
}

async function play(
  engine: Engine,
  seed: number,
  scene: (stage: Stage) => Promise<void>,
): Promise<void> {
  const stage = await Stage.open(await engine.open(seed));
  try {
    await scene(stage);
  } catch (error) {
    if (error instanceof Error && engine.seeds.length > 1)
      error.message = `with seed ${seed}: ${error.message}`;
    throw error;
  } finally {
    await stage.close();
  }
}
