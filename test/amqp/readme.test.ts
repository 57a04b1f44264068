/** The program of the package's README, and those of @beamish/exchange, print on RabbitMQ what they should. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { describe, expect, test } from 'vitest';
import { isThere, URL_OF_BROKER } from '../contract/exchange/broker.ts';
import { blocksOf } from '../support/programs.ts';

const ROOT = new URL('../../', import.meta.url);
const isMissing = !(await isThere()) && process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';

function programsOf(name: string): readonly string[] {
  const page = readFileSync(new URL(`packages/${name}/README.md`, ROOT), 'utf8');
  return blocksOf(page, 'ts').filter((block) => block.startsWith('import'));
}

/** With names that nobody else has, on a broker that is shared; and with time for the way there. */
function onRabbitmq(program: string): { readonly text: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const text = program
    .replace('import { ', "import { amqp } from '@beamish/amqp';\nimport { ")
    .replace('broker({ topology', "broker({ url: process.env['BROKER'], engines: [amqp], topology")
    .replaceAll('sleep(10)', 'sleep(700)')
    .replaceAll(/(?<=(?:queue|fanout|topic)(?:<[^(]*>)?\()'(\w+)'/g, (_, name: string) => {
      names.push(`test.readme.${process.pid}.${name}`);
      return `'${names.at(-1)}'`;
    });
  return { text, names };
}

async function printed(program: string): Promise<readonly string[]> {
  const { text, names } = onRabbitmq(program);
  const folder = mkdtempSync(fileURLToPath(new URL('test/.amqp-readme-', ROOT)));
  try {
    writeFileSync(`${folder}/program.ts`, text);
    const run = ['--conditions=beamish-source', '--import', 'tsx', `${folder}/program.ts`];
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
const EXPECTED: readonly (readonly [string, readonly string[]])[] = [
  ['work queue', DONE],
  // RabbitMQ says that some took it.
  ['publish and subscribe', ['1 queues took it', 'ann heard 1', 'bob heard 1']],
  ['request and reply', ['3']],
  ['topics', ['paid by ann', '{"by":"ann"}', '{"total":5}']],
];

describe.skipIf(isMissing)('on RabbitMQ', () => {
  test('the first program works when it is pasted', async () => {
    const [program = ''] = programsOf('amqp');
    expect(program.startsWith('import { amqp }')).toBe(true);
    // It imports the engine itself.
    expect(await printed(program.replace("import { amqp } from '@beamish/amqp';\n", ''))).toEqual(
      DONE,
    );
  });

  // A process each: with the long form.
  test
    .skipIf(process.env['BEAMISH_AMQP_CONTRACT'] !== '1')
    .each(EXPECTED.map(([name, lines], i) => [name, i, lines] as const))(
    'the program of %s, of @beamish/exchange, prints what it should',
    async (_, i, lines) => {
      expect(await printed(programsOf('exchange')[i] as string)).toEqual([...lines].sort());
    },
  );
});
