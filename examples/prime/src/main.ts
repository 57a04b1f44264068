/** `npm run prime`: a web server, its workers and their store, in one process. */

import { parseArgs } from 'node:util';
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
CONCURRENCY  how many trial divisions at a time (cores)
BROKER       amqp://… or redis://…: the work is done over Celery's queue "prime", by Python's workers or ours
BACKEND      rpc:// or redis://…: where its results are

--role web|worker  one part of it, of as many as you like; needs BROKER and BACKEND`;

if (process.argv.includes('--help')) console.log(HELP);
else {
  try {
    const { values } = parseArgs({ options: { role: { type: 'string' } } });
    await run(settingsFrom(process.env, values.role));
  } catch (error) {
    console.error(error instanceof RangeError ? error.message : error);
    process.exitCode = 2;
  }
}

async function run(settings: Settings): Promise<void> {
  await using system = new ActorSystem();
  const { role, concurrency } = settings;
  const cores =
    role === 'web' ? undefined : await threads(system, { size: concurrency, stallMs: 'never' });
  const program = await main(await service(system, cores, settings), { system });
  if (role === 'worker') console.log('prime works for others (Ctrl-C ends it)');
  else console.log(`prime listens on ${await system.call(WEB, 'url')} (Ctrl-C ends it)`);
  await program.ended;
}
