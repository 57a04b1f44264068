/** `npm run follow`: a web server with a follow button, and the work behind it, in one process. */

import { ActorSystem, main } from 'beamish';
import { service, WEB } from './service.ts';
import { type Settings, settingsFrom } from './settings.ts';

const HELP = `A follow button that answers first, and the work behind it.

  npm run follow [-- --broker amqp://…]

PORT   where it listens (8081)
HOST   for whom (127.0.0.1)
STORE  the folder of its tasks, people and mails (.beamish/follow)
ZONE   the time zone of the digest at seven (UTC)
BROKER as --broker: timelines are filled by a worker in Python (timeline.py)`;

if (process.argv.includes('--help')) console.log(HELP);
else {
  try {
    await run(settingsFrom(process.env, process.argv.slice(2)));
  } catch (error) {
    const isTheirs = error instanceof RangeError || error instanceof TypeError;
    console.error(isTheirs ? error.message : error);
    process.exitCode = 2;
  }
}

async function run(settings: Settings): Promise<void> {
  const system = new ActorSystem();
  const program = await main(await service(system, settings), { system });
  console.log(`follow listens on ${await system.call(WEB, 'url')} (Ctrl-C ends it)`);
  await program.ended;
}
