/**
 * What takes too long for each change: every mutation, many seeds, a long soak, and what judges time. All of
 * it runs, whatever fails on the way, and each line says how to run that part alone: `npm run nightly`.
 */

import { spawnSync } from 'node:child_process';
import { ROOT } from './workspace.mjs';

/** @type {readonly { readonly title: string, readonly script: string, readonly args?: readonly string[], readonly env?: { readonly [name: string]: string } }[]} */
const PARTS = [
  { title: 'Every mutation is caught', script: 'mutate' },
  { title: 'Programs that notice each rule of dependence of the simulator', script: 'mutate:sim' },
  {
    title: 'What small programs come to, however their schedules are searched: 10,880 of them',
    script: 'sound:sim',
  },
  {
    title: 'Ten thousand schedules of chance, which come to nothing that every does not',
    script: 'test',
    args: ['test/sim/strategies.test.ts', '-t', 'SIM-24', '--testTimeout=1200000'],
    env: { BEAMISH_SIM_CHANCE: '10000' },
  },
  {
    title: 'Properties, 10,000 runs of each',
    script: 'test',
    args: ['test/properties', '--testTimeout=1200000'],
    env: { BEAMISH_RUNS: '10000' },
  },
  { title: 'A thousand processes that write a journal, killed', script: 'journal:kill' },
  {
    title: 'Fifty thousand histories of tasks, and of journals',
    script: 'test',
    args: [
      'test/tasks/state-table.test.ts',
      'test/journal/compaction.test.ts',
      'test/journal/history.test.ts',
      '--testTimeout=1200000',
    ],
    env: { BEAMISH_RUNS: '50000' },
  },
  {
    title: 'The contract of exchanges, on RabbitMQ',
    script: 'test',
    args: ['test/contract/exchange/amqp.test.ts', 'test/amqp'],
    env: { BEAMISH_AMQP_CONTRACT: '1', BEAMISH_REQUIRE_SERVICES: '1' },
  },
  { title: 'Every fault of RabbitMQ, and more of each', script: 'faults:amqp' },
  { title: 'A thousand applications of tasks, killed', script: 'kill-tasks' },
  {
    title: 'A million tasks, and a group of as many',
    script: 'test',
    args: ['test/tasks/memory.test.ts', 'test/tasks/canvas.test.ts', '-t', '/TSK-83|CAN-30/'],
    env: { BEAMISH_TASKS: '1000000', BEAMISH_MEMBERS: '1000000' },
  },
  {
    title: 'A gigabyte, uploaded to the page of the cruncher',
    script: 'test',
    args: ['test/cruncher/page/server.test.ts'],
    env: { BEAMISH_UPLOAD_MB: '1000' },
  },
  {
    title: 'A minute of two thousand actors on the page of the observer',
    script: 'test',
    args: ['test/observer/page.test.ts', '-t', 'OBS-123'],
    env: { BEAMISH_PAGE_FRAMES: '600', BEAMISH_REQUIRE_SERVICES: '1' },
  },
  {
    title: 'Megabytes of what nearly is an address',
    script: 'test',
    args: ['test/cruncher/thorough/linear.test.ts'],
    env: { BEAMISH_NASTY_KB: '1024' },
  },
  {
    title: 'Fifty threads of the cruncher, killed in the middle',
    script: 'test',
    args: ['test/cruncher/threads.test.ts'],
    env: { BEAMISH_MOMENTS: '50' },
  },
  {
    title: 'Every schedule of small programs on exchanges',
    script: 'test',
    args: ['test/exchange/explored.test.ts'],
    env: { BEAMISH_EXPLORE: '1' },
  },
  {
    title: 'An application of tasks in every order',
    script: 'test',
    args: ['test/tasks/explored.test.ts'],
    env: { BEAMISH_EXPLORE: '1' },
  },
  { title: 'A soak of ten minutes', script: 'soak', args: ['--minutes', '10'] },
  {
    title: 'A soak of exchanges in memory, ten minutes',
    script: 'soak:exchange',
    args: ['memory'],
  },
  { title: 'A soak of exchanges on disk, ten minutes', script: 'soak:exchange', args: ['file'] },
  { title: 'A soak of ten minutes, on RabbitMQ', script: 'soak:amqp' },
  {
    title: 'A soak of Celery beside ours, ten minutes',
    script: 'soak:celery',
    args: ['10'],
  },
  {
    title: 'Messages that nobody should send to our Celery worker, 10,000 of each',
    script: 'test',
    args: ['test/celery/fuzz.test.ts'],
    env: { BEAMISH_RUNS: '10000', BEAMISH_REQUIRE_SERVICES: '1' },
  },
  {
    title: 'The services, killed in the middle of a thousand, and over each pair of brokers',
    script: 'test',
    args: ['test/prime', 'test/follow', 'test/celery'],
    env: {
      BEAMISH_PRIME_STREAMS: '10000',
      BEAMISH_FOLLOWS: '1000',
      BEAMISH_CELERY_PAIRS: 'all',
      BEAMISH_REQUIRE_SERVICES: '1',
    },
  },
  { title: 'Costs that do not grow, by time', script: 'scaling' },
  { title: 'The benchmarks against their targets', script: 'bench', args: ['--check'] },
];

const failed = PARTS.filter(({ title, script, args = [], env = {} }) => {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value} `);
  const command = ['run', script, ...(args.length > 0 ? ['--', ...args] : [])];
  console.log(`\n== ${title}: ${variables.join('')}npm ${command.join(' ')}`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const options = { cwd: ROOT, env: { ...process.env, ...env }, shell: npm.endsWith('.cmd') };
  return spawnSync(npm, command, { ...options, stdio: 'inherit' }).status !== 0;
});
console.log(failed.length === 0 ? '\n== All is well' : '\n== Failed:');
for (const { title } of failed) console.log(title);
process.exitCode = failed.length === 0 ? 0 : 1;
