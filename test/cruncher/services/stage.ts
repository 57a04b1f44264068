/** The services in one process, with a mailer that remembers, and whoever has files crunched. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deliveries } from '@beamish/exchange';
import { type Actor, ActorSystem, type Self } from 'beamish';
import { onTestFinished, vi } from 'vitest';
import { inMemory } from '../../../examples/cruncher/src/services/book.ts';
import type { Outcome } from '../../../examples/cruncher/src/services/mailer.ts';
import { Requests } from '../../../examples/cruncher/src/services/requests.ts';
import { type Snapshot, STATUS } from '../../../examples/cruncher/src/services/status.ts';
import {
  type Notice,
  type Result,
  topology,
} from '../../../examples/cruncher/src/services/topology.ts';
import {
  CRUNCHERS,
  ROLES,
  type ServicesOptions,
  services,
} from '../../../examples/cruncher/src/services/tree.ts';

export interface Stage {
  readonly system: ActorSystem;
  readonly options: ServicesOptions;
  readonly folder: string;
  /** What the mailer was given, in order. */
  readonly mails: Notice[];
  /** What was announced. */
  readonly announced: string[];
  /** Writes a file and returns its path. */
  file(name: string, text: string | Uint8Array): string;
  /** Has files crunched, and resolves with all results. */
  crunch(...paths: string[]): Promise<readonly Result[]>;
  look(): Promise<Snapshot>;
  /** Resolves when what status knows is so. */
  until(isSo: (snapshot: Snapshot) => boolean): Promise<Snapshot>;
}

export interface StageOptions extends Partial<ServicesOptions> {
  readonly outcome?: (notice: Notice, nth: number) => Outcome | Promise<Outcome>;
}

const LONGEST_MS = 10_000;

export async function stage(given: StageOptions = {}): Promise<Stage> {
  const { outcome = () => ({ kind: 'sent' }) as const, ...others } = given;
  const folder = mkdtempSync(join(tmpdir(), 'services-'));
  const system = new ActorSystem({ log: 'off' });
  onTestFinished(async () => {
    await system.shutdown();
    rmSync(folder, { recursive: true, force: true });
  });
  const mails: Notice[] = [];
  const announced: string[] = [];
  const options: ServicesOptions = {
    url: 'memory:',
    topology: { retryMs: [10, 20] },
    roles: ROLES,
    book: inMemory(),
    announce: (addresses) => void announced.push(...addresses),
    mailer: async (notice) => {
      mails.push(notice);
      return await outcome(notice, mails.length);
    },
    names: [],
    whileStopped: 'wait',
    ...others,
  };
  await system.start(services(options));
  const look = async () => await system.call(STATUS, { tag: 'look' }).within('infinity');
  return {
    system,
    options,
    folder,
    mails,
    announced,
    file(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    crunch: (...paths) => crunch(system, options, paths),
    look,
    until: (isSo) =>
      vi.waitFor(
        async () => {
          const snapshot = await look();
          if (!isSo(snapshot)) throw new Error(`It is not so: ${JSON.stringify(snapshot)}`);
          return snapshot;
        },
        { timeout: LONGEST_MS, interval: 10 },
      ),
  };
}

/** Publishes files, and resolves with what each cruncher found in each. */
export function crunch(
  system: ActorSystem,
  options: Pick<ServicesOptions, 'topology'>,
  paths: readonly string[],
  crunchers: readonly string[] = Object.keys(CRUNCHERS),
): Promise<readonly Result[]> {
  return system.run(function* asker(self: Self<Deliveries<Result>>): Actor<readonly Result[]> {
    const requests = new Requests(self, topology(options.topology), crunchers);
    yield* requests.begin();
    for (const path of paths) yield* requests.publish(path, path);
    const results: Result[] = [];
    for (;;) {
      const result = yield* requests.next('infinity');
      if (result === undefined) return results;
      results.push(result);
    }
  });
}
