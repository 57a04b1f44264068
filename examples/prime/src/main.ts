/** `npm run prime`: a web server, its workers and their store, in one process. */

import { threads } from '@beamish/threads';
import { ActorSystem, main } from 'beamish';
import { service, WEB } from './service.ts';
import { type Settings, settingsFrom } from './settings.ts';

const HELP = `Tells whether numbers are prime, over HTTP.

  npm run prime

  curl -s localhost:8080 -d '{"number": 2305843009213693951}'
  curl -s localhost:8080/<task_id>?wait=5

PORT         where it listens (8080)
HOST         for whom (127.0.0.1)
STORE        the folder in which its tasks are kept (.beamish/prime)
CONCURRENCY  how many trial divisions at a time (cores)`;

if (process.argv.includes('--help')) console.log(HELP);
else {
  try {
    await run(settingsFrom(process.env));
  } catch (error) {
    console.error(error instanceof RangeError ? error.message : error);
    process.exitCode = 2;
  }
}

async function run(settings: Settings): Promise<void> {
  const system = new ActorSystem();
  const cores = await threads(system, { size: settings.concurrency, stallMs: 'never' });
  const program = await main(service(system, cores, settings), { system });
  console.log(`prime listens on ${await system.call(WEB, 'url')} (Ctrl-C ends it)`);
  await program.ended;
}
