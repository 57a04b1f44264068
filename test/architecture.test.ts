/**
 * The order of the files is the architecture: a file imports only files listed above it in its
 * package, and packages listed above its own. So there are no cycles, and the list can be read from
 * top to bottom to learn the whole. Types count too.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Package {
  /** As it is imported. */
  readonly name: string;
  /** Its folder, from the root of the repository. */
  readonly folder: string;
  /** Whether it may import `node:` modules. */
  readonly usesNode: boolean;
  /** Every file in its src, each below all that it imports. */
  readonly files: readonly string[];
  /** The room whose records know each other's types: there, `import type` may go in a circle. */
  readonly knowsItself?: string;
}

/** The packages, each below all that it imports. */
const PACKAGES: readonly Package[] = [
  {
    name: 'beamish',
    folder: 'packages/beamish',
    usesNode: false,
    knowsItself: 'state',
    files: [
      ...room(
        'terms',
        'copy plain-data reserved pid ref group printable options exit-reason signal operation spawnable protocol sendable self-types configure',
      ),
      ...room('seams', 'environment clock decisions tap'),
      ...room('mailbox', 'deque tag-set tag-index mailbox'),
      ...room(
        'state',
        'identity-map reserved-pids peer distribution run-queue rings wheel-slots timer-wheel timer lineage',
        'status watch waiting-offer actor-cell cold-state placing group-table report-port system-state-types actor-table',
      ),
      ...room(
        'signals',
        'via registry wake delivery offers exit-signals watches links monitors groups aliases timers requests',
      ),
      ...room('turn', 'turn-budget forgotten termination step scheduler'),
      ...room('operations', 'abort suspension receive call offer spawning starting waiting'),
      ...room(
        'reports',
        'introspect error-trace crash-report events event-listeners log-lines rate-limited-log',
        'pending-crashes reports supervisor-lines supervisor-reports connection-reports',
      ),
      ...room(
        'system',
        'after-end verb-options self message-mode system-state new-systems shutdown idle-tree settlement waits reply-promise system',
      ),
      ...room(
        'distribution',
        'boxes error-box packer unpacker wire shapes batch-reader batch-writer outbox back-pressure remote-cells association undelivered credit outgoing',
        'placing incoming-links incoming-spawns incoming connection',
      ),
      ...room(
        'otp',
        'caller seams-of whereis-at system-messages sys server-definition server backoff child-spec children restart-policy restart-intensity restart-strategy',
        'shutdown-children supervisor-requests retries supervision supervisor-options supervisor',
        'dynamic-supervisor agent task await-many task-stream groups registry-table registry pool streams',
        'transition machine-definition machine-timers machine state-machine host-process main',
      ),
      ...room('control', 'still-clock accesses told lane control'),
      ...room('observation', 'listen glimpse details report panels threads'),
      ...room('testing', 'virtual-clock seeded-decisions told inbox test-system'),
      'index.ts',
      'transport.ts',
      'testing.ts',
      'control.ts',
      'observation.ts',
    ],
  },
  {
    name: '@beamish/threads',
    folder: 'packages/threads',
    usesNode: true,
    files: [
      'typescript.ts',
      'loader.ts',
      'spin-wait.ts',
      'channel.ts',
      'worker-protocol.ts',
      'heart.ts',
      'set-up.ts',
      'worker.ts',
      'options.ts',
      'pool.ts',
      'set-ups.ts',
      'thread.ts',
      'mesh.ts',
      'threads.ts',
      'index.ts',
      ...room('browser', 'protocol channel worker thread'),
      'browser.ts',
      'browser-worker.ts',
    ],
  },
  {
    name: '@beamish/sim',
    folder: 'packages/sim',
    usesNode: false,
    files: [
      'touches.ts',
      'step.ts',
      'untaken.ts',
      'dependence.ts',
      'random.ts',
      'words.ts',
      'labels.ts',
      'pattern.ts',
      'faults.ts',
      'host-timers.ts',
      'globals.ts',
      'verdict.ts',
      'source-site.ts',
      'access-log.ts',
      'crossings.ts',
      'timer-touches.ts',
      'link-touches.ts',
      'recorder.ts',
      'sites.ts',
      'leftovers.ts',
      'clocks.ts',
      'crashes.ts',
      'claims.ts',
      'fault-movers.ts',
      'fault-touches.ts',
      'movers.ts',
      'world.ts',
      'unseen.ts',
      'scenario.ts',
      'judging.ts',
      'strategy.ts',
      'happened-before.ts',
      'every.ts',
      'chance.ts',
      'bounded.ts',
      'strategies.ts',
      'shrink.ts',
      'trace.ts',
      'cause.ts',
      'mermaid.ts',
      'verdict-text.ts',
      'schedule.ts',
      'run.ts',
      'options.ts',
      'await-sites.ts',
      'runner.ts',
      'failure-text.ts',
      'exploration.ts',
      'explore.ts',
      'index.ts',
      'vitest.ts',
      'fast-check.ts',
    ],
  },
  {
    name: '@beamish/journal',
    folder: 'packages/journal',
    // In the host's disk alone, which is loaded when it is needed.
    usesNode: true,
    files: [
      'answer.ts',
      'position.ts',
      'errors.ts',
      'disk.ts',
      'owner.ts',
      'crc32.ts',
      'uint64.ts',
      'segment-header.ts',
      'group.ts',
      'options.ts',
      'offsets.ts',
      'segment.ts',
      'segments.ts',
      'file-window.ts',
      'group-reader.ts',
      'stored-group.ts',
      'segment-files.ts',
      'recovery.ts',
      'batch.ts',
      'intake.ts',
      'rescue.ts',
      'tail.ts',
      'waiters.ts',
      'commits.ts',
      'entry-reader.ts',
      'unapplied.ts',
      'compaction.ts',
      'open-file.ts',
      'living-socket.ts',
      'host-lock.ts',
      'host-disk.ts',
      'journal.ts',
      'index.ts',
      'memory-disk.ts',
      'testing.ts',
    ],
  },
  {
    name: '@beamish/tasks',
    folder: 'packages/tasks',
    usesNode: true,
    files: [
      ...room(
        'terms',
        'without flat small-number codec task-state failure outcome storable retry task-options',
      ),
      ...room('canvas', 'signature submit-options task-self work definition canvas'),
      ...room('state', 'record arguments drafts events lifecycle joins transition'),
      ...room(
        'stores',
        'store heap timeline line task-queue written kept record-index notes memory entries journal-state file',
      ),
      ...room('postgres', 'options rows schema database claiming sweeping postgres-store'),
      ...room(
        'tree',
        'time slots firing stats reports hub messages asking schedule pick plan seats',
      ),
      ...room(
        'tree',
        'limits taking changes batch submission turns requests schedules lookout unserved dispatch clockwork tally aftermath panel calls',
      ),
      ...room('tree', 'waiters staff others store-server schedule-server'),
      ...room('run', 'body-run runner endings keeper bodies worker'),
      ...room(
        'outside',
        'snapshot watching gathered handle on-sigterm task-tree tasks verbs metrics',
      ),
      ...room('testing', 'virtual-clock chance eager'),
      'in-thread.ts',
      'postgres.ts',
      'index.ts',
      'testing.ts',
      'engine.ts',
    ],
  },
  {
    name: '@beamish/exchange',
    folder: 'packages/exchange',
    usesNode: false,
    files: [
      ...room(
        'terms',
        'address header-table codec schema routes exchange binding queue messages history errors events',
        'publish-options protocol broker-options',
      ),
      ...room('verbs', 'asking publish settle ask consume consumer topology watch'),
      ...room(
        'memory',
        'time publication rota keep entry ready-list held-table shelf topic-trie binding-table exchange-record',
        'ledger shelves',
        'routing waking moves serving exchange-actor answers consumptions queue-requests queue-actor declaring',
        'panel actors front tree engine',
      ),
      ...room('file', 'records kept replay liveness pending marks restore file-ledger log engine'),
      'broker.ts',
      'index.ts',
      'engine.ts',
    ],
  },
  {
    name: '@beamish/amqp',
    folder: 'packages/amqp',
    usesNode: true,
    files: [
      'refusal.ts',
      'place.ts',
      'field-table.ts',
      'wire-message.ts',
      'arguments.ts',
      'fifo.ts',
      'outbox.ts',
      'connection.ts',
      'line.ts',
      'declared.ts',
      'requests.ts',
      'consumption.ts',
      'link.ts',
      'link-server.ts',
      'line-server.ts',
      'link-children.ts',
      'exchange-actor.ts',
      'suspects.ts',
      'deliveries.ts',
      'background.ts',
      'handing-out.ts',
      'consumptions.ts',
      'topology.ts',
      'panel.ts',
      'front.ts',
      'engine.ts',
      'index.ts',
      'connections.ts',
    ],
  },
  {
    name: '@beamish/celery',
    folder: 'packages/celery',
    usesNode: true,
    files: [
      ...room('terms', 'json repr exception identity options'),
      ...room(
        'messages',
        'wire-message signature call call-message envelope result canvas epilogue event control',
      ),
      ...room(
        'wire',
        'wire logical-clock amqp-delivery amqp-consumer gathered-acks amqp-wire redis-place redis-pulse redis-scripts redis-consumer redis-wire',
      ),
      ...room('results', 'results no-results rpc-results subscriptions redis-chords redis-results'),
      ...room(
        'actors',
        'reports deployment epilogue-runner event-sender recent job builtins body running line endings suspects held',
        'serving remote-control worker outgoing-call caller inquiries',
      ),
      ...room('outside', 'celery-task celery-tree celery'),
      'index.ts',
    ],
  },
  {
    name: '@beamish/observer',
    folder: 'packages/observer',
    usesNode: true,
    files: [
      ...room('terms', 'happening view wire plain text options'),
      ...room('model', 'rates actor-record system-record model full-frame alike history vital'),
      ...room('views', 'select tree waits sequence'),
      ...room(
        'station',
        'reason-text redact party ring recorded recorder recordings message-times',
      ),
      ...room(
        'station',
        'orders spent glimpses happenings long-turns big-copies vitals panels act station',
      ),
      ...room('doctor', 'symptoms mailbox-rules actor-rules system-rules doctor'),
      'thread-station.ts',
      ...room(
        'observing',
        'remote-station stations reports single-actor hub actions details doctoring queue messages-told window program record observer traced',
      ),
      ...room('exports', 'ids mermaid dot ndjson protobuf perfetto counters metrics spans'),
      'otel.ts',
      'recording/recording.ts',
      ...room('page', 'source recorded-source gate files state-file clients server'),
      'index.ts',
      'auto.ts',
      ...room('cli', 'width figures watched screen keys stream top attach'),
      'cli.ts',
    ],
    knowsItself: 'terms',
  },
];

const WARN_ABOVE_LINES = 300;
const FAIL_ABOVE_LINES = 400;
const ME = 'test/architecture.test.ts';
const ROOT = new URL('../', import.meta.url);

test('every package has its list of files here', () => {
  const listed = PACKAGES.map((each) => each.folder);
  const unlisted = membersOf('packages').filter((folder) => !listed.includes(folder));
  expectNone(unlisted.map((folder) => `${folder}: add it to PACKAGES in ${ME}`));
});

describe.each(PACKAGES.map((its) => [its.folder, its] as const))('%s', (_, its) => {
  const sources = sourcesOf(its.folder);

  test('lists every file in src, and only files that exist, each once', () => {
    expectNone([
      ...sources
        .filter((file) => !its.files.includes(file))
        .map((file) => `${file}: add it to the list in ${ME}, below all that it imports`),
      ...its.files
        .filter((file) => !sources.includes(file))
        .map((file) => `${file}: no such file; write it, or take it off the list in ${ME}`),
      ...its.files
        .filter((file, i) => its.files.indexOf(file) !== i)
        .map((file) => `${file}: listed twice in ${ME}; keep one`),
    ]);
  });

  test('a file imports only files listed above it', () => {
    expectNone(
      importsIn(its.folder, sources).flatMap(({ file, from, isOfTypes }) => {
        if (!from.startsWith('.')) return [];
        const target = posix.join(posix.dirname(file), from);
        if (target.startsWith('..')) {
          return [`${file} imports '${from}': import another package by its name`];
        }
        const room = roomOf(file);
        if (isOfTypes && room === its.knowsItself && room === roomOf(target)) return [];
        const above = its.files.indexOf(target);
        if (above !== -1 && above < its.files.indexOf(file)) return [];
        return [
          `${file} imports '${from}', which is not listed above it: ` +
            `move what it needs into a file above, or ${target} up the list in ${ME}`,
        ];
      }),
    );
  });

  test('a room imports only rooms listed above it', () => {
    const rooms = [...new Set(its.files.map(roomOf))];
    expectNone([
      ...rooms
        .filter((room) => !isTogether(its.files, (file) => roomOf(file) === room))
        .map((room) => `${room}: list its files together in ${ME}`),
      ...importsIn(its.folder, sources).flatMap(({ file, from }) => {
        const here = roomOf(file);
        const there = roomOf(posix.join(posix.dirname(file), from));
        if (!from.startsWith('.') || rooms.indexOf(there) <= rooms.indexOf(here)) return [];
        return [
          `${file} imports '${from}': the room ${here} stands above ${there}, and must not know it`,
        ];
      }),
    ]);
  });

  test('imports only packages listed above it', () => {
    const notAbove = PACKAGES.slice(PACKAGES.indexOf(its)).map((each) => each.name);
    expectNone(
      importsIn(its.folder, sources)
        .filter(({ from }) => notAbove.some((name) => from === name || from.startsWith(`${name}/`)))
        .map(
          ({ file, from }) =>
            `${file} imports '${from}', which is not a package listed above ${its.name}: ` +
            'move the code down to where both may be used',
        ),
    );
  });

  test.skipIf(its.usesNode)('imports nothing from node:', () => {
    expectNone(
      importsIn(its.folder, sources)
        .filter(({ from }) => from.startsWith('node:'))
        .map(
          ({ file, from }) =>
            `${file} imports '${from}': this package runs in browsers too; ` +
            'use what every host has, or take it as an option from who has it',
        ),
    );
  });
});

describe.each(membersOf('examples'))('%s', (folder) => {
  test('imports packages by their names, as its readers will', () => {
    expectNone(
      importsIn(folder, sourcesOf(folder))
        .filter(({ file, from }) => posix.join(posix.dirname(file), from).startsWith('..'))
        .map(({ file, from }) => `${file} imports '${from}': import the package by its name`),
    );
  });
});

test(`no file has more than ${FAIL_ABOVE_LINES} lines`, () => {
  const long = [...membersOf('packages'), ...membersOf('examples')].flatMap((folder) =>
    sourcesOf(folder)
      .map((file) => `${folder}/src/${file}`)
      .map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > WARN_ABOVE_LINES),
  );
  for (const { path, lines } of long) {
    console.warn(
      `${path} has ${lines} lines; over ${WARN_ABOVE_LINES}, look for a second idea in it`,
    );
  }
  expectNone(
    long
      .filter(({ lines }) => lines > FAIL_ABOVE_LINES)
      .map(({ path, lines }) => `${path} has ${lines} lines: split it by reasons to change`),
  );
});

test('the search for imports finds every form, and none in a comment', () => {
  const text = [
    "import a from './a.ts';",
    "import type { B } from './b.ts';",
    "import {\n  c,\n  type D,\n} from './c.ts';",
    "import './d.ts';",
    "export * from './e.ts';",
    "export type { F } from './f.ts';",
    "const g = await import('./g.ts');",
    "type H = import('./h.ts').H;",
    "/**\n * import x from './x.ts';\n * const y = import('./y.ts');\n */",
    "// import z from './z.ts';",
    'const text = "import w from \'./w.ts\'";',
  ].join('\n');
  expect(findImports(text).map(({ from }) => from[2])).toEqual([...'abcdefgh']);
  expect(findImports(text).flatMap(({ from, isOfTypes }) => (isOfTypes ? from[2] : []))).toEqual([
    'b',
  ]);
});

/** Fails with one line per violation, each saying what to do. */
function expectNone(violations: readonly string[]): void {
  expect(violations, ['', ...violations].join('\n  ')).toEqual([]);
}

/** The paths in src of one folder's files, named without `.ts`. */
function room(folder: string, ...names: readonly string[]): string[] {
  return names.flatMap((line) => line.split(' ')).map((name) => `${folder}/${name}.ts`);
}

function membersOf(folder: string): string[] {
  const path = new URL(`${folder}/`, ROOT);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .map((name) => `${folder}/${name}`)
    .filter((member) => existsSync(new URL(`${member}/package.json`, ROOT)))
    .sort();
}

/** The source files of a package, as paths from its src. */
function sourcesOf(folder: string): string[] {
  const src = new URL(`${folder}/src/`, ROOT);
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .sort();
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** The folder of a file; of one that stands outside of the rooms, the file itself. */
function roomOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** Whether those that are meant stand side by side. */
function isTogether(files: readonly string[], isMeant: (file: string) => boolean): boolean {
  const last = files.reduce((found, file, i) => (isMeant(file) ? i : found), -1);
  return files.slice(files.findIndex(isMeant), last + 1).every(isMeant);
}

interface Import {
  readonly from: string;
  /** `import type`: nothing is left of it when the program runs. */
  readonly isOfTypes: boolean;
}

function importsIn(
  folder: string,
  files: readonly string[],
): (Import & { readonly file: string })[] {
  return files.flatMap((file) =>
    findImports(read(`${folder}/src/${file}`)).map((found) => ({ file, ...found })),
  );
}

/** What a source text imports: `import` and `export … from`, of values and types, and `import()`. */
function findImports(text: string): Import[] {
  // The formatter starts each comment and each static import on a line of its own.
  const code = text.replace(/^[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, '');
  const found =
    /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
  return [...code.matchAll(found)].map((match) => ({
    from: match[1] ?? match[2] ?? '',
    isOfTypes: match[0].startsWith('import type'),
  }));
}
