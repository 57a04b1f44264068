/** The program of the package's README, and those of @beamish/exchange, print on RabbitMQ what they should. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { describe, expect, test } from 'vitest';
import { isThere, URL_OF_BROKER } from '../contract/exchange/broker.ts';
import { FROM_SOURCE } from '../support/from-source.ts';
import { blocksOf } from '../support/programs.ts';

const ROOT = new URL('../../', import.meta.url);
const isMissing = !(await isThere()) && process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';

function programsOf(name: string): readonly string[] {
  const page = readFileSync(new URL(`packages/${name}/README.md`, ROOT), 'utf8');
  return blocksOf(page, 'ts').filter((block) => block.startsWith('import'));
}

/** What a program waits for, where it gives those in its own process a moment: what RabbitMQ has done for it, or it has printed. */
type Moment = `${'subscribed' | 'said'} ${number}`;

/** In front of a program. */
const PRELUDE = `
const moments = { subscribed: 0, said: 0, looks: [] as (() => void)[] };
function is(what: 'subscribed' | 'said'): void {
  moments[what]++;
  for (const look of moments.looks.splice(0)) look();
}
function say(line: unknown): void {
  console.log(line);
  is('said');
}
async function until(what: 'subscribed' | 'said', count: number): Promise<void> {
  while (moments[what] < count) await new Promise<void>((look) => moments.looks.push(look));
}
`;

/** With names that nobody else has, on a broker that is shared; the ways there take as long as they take. */
function onRabbitmq(
  program: string,
  moments: readonly Moment[],
): { readonly text: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const [before = '', main = ''] = program
    .replace('import { ', "import { amqp } from '@beamish/amqp';\nimport { ")
    .replace('broker({ topology', "broker({ url: process.env['BROKER'], engines: [amqp], topology")
    .replaceAll('console.log(', 'say(')
    .replaceAll(/yield\* subscribe\([^)]*\);/g, "$& is('subscribed');")
    .replaceAll(/(?<=(?:queue|fanout|topic)(?:<[^(]*>)?\()'(\w+)'/g, (_, name: string) => {
      names.push(`test.readme.${process.pid}.${name}`);
      return `'${names.at(-1)}'`;
    })
    .split(/(?=function\* main)/);
  const left = [...moments];
  const waiting = main.replaceAll(/self\.sleep\(\d+\)/g, () => {
    const [what, count] = (left.shift() as Moment).split(' ');
    return `self.wait(until('${what}', ${count}))`;
  });
  expect(left).toEqual([]);
  // What is imported comes first, wherever it stands.
  return { text: `${PRELUDE}${before}${waiting}`, names };
}

async function printed(program: string, moments: readonly Moment[]): Promise<readonly string[]> {
  const { text, names } = onRabbitmq(program, moments);
  const folder = mkdtempSync(fileURLToPath(new URL('test/.amqp-readme-', ROOT)));
  try {
    writeFileSync(`${folder}/program.ts`, text);
    const run = [...FROM_SOURCE, `${folder}/program.ts`];
    const env = { ...process.env, BROKER: URL_OF_BROKER };
    const child = spawn(process.execPath, run, { cwd: fileURLToPath(ROOT), env });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk;
      });
    await new Promise((ended) => child.on('close', ended));
    return said.trimEnd().split('\n').sort();
  } finally {
    rmSync(folder, { recursive: true });
    const model = await connect(URL_OF_BROKER);
    const channel = await model.createChannel();
    for (const name of names) {
      await channel.deleteQueue(name);
      await channel.deleteExchange(name);
    }
    await model.close();
  }
}

const DONE = ['a.txt is done', 'b.txt is done', 'c.txt is done'];
const EXPECTED: readonly (readonly [string, readonly Moment[], readonly string[]])[] = [
  ['work queue', ['said 3'], DONE],
  [
    'publish and subscribe',
    ['subscribed 2', 'said 2'],
    // RabbitMQ says that some took it.
    ['1 queues took it', 'ann heard 1', 'bob heard 1'],
  ],
  ['request and reply', [], ['3']],
  ['topics', ['said 3'], ['paid by ann', '{"by":"ann"}', '{"total":5}']],
];

describe.skipIf(isMissing)('on RabbitMQ', () => {
  test('the first program works when it is pasted', async () => {
    const [program = ''] = programsOf('amqp');
    expect(program.startsWith('import { amqp }')).toBe(true);
    // It imports the engine itself.
    const without = program.replace("import { amqp } from '@beamish/amqp';\n", '');
    expect(await printed(without, ['said 3'])).toEqual(DONE);
  });

  // A process each: with the long form.
  test
    .skipIf(process.env['BEAMISH_AMQP_CONTRACT'] !== '1')
    .each(EXPECTED.map(([name, moments, lines], i) => [name, i, moments, lines] as const))(
    'the program of %s, of @beamish/exchange, prints what it should',
    async (_, i, moments, lines) => {
      const program = programsOf('exchange')[i] as string;
      expect(await printed(program, moments)).toEqual([...lines].sort());
    },
  );
});
