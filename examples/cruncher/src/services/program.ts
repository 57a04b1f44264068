// The services as a program: what is asked for on the command line, put together and kept running.

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActorSystem, main } from 'beamish';
import type { Output } from '../output.ts';
import { printable } from '../report.ts';
import { typistAt } from '../typist.ts';
import { type AskingOptions, prompt, uploader } from './asking.ts';
import { type Bookcase, inMemory } from './book.ts';
import { inFolder } from './kept-book.ts';
import { type Mailer, outboxMailer, serverOf, smtpMailer } from './mailer.ts';
import { readServiceLine, type ServiceLine } from './options.ts';
import { type Snapshot, STATUS } from './status.ts';
import { snapshotText } from './summary.ts';
import { CRUNCHERS, ROLES, type ServicesOptions, services } from './tree.ts';

const WRONG_USAGE = 2;
/** Mail servers may take hours; who waits at a terminal is told that they do. */
const SETTLED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 50;

/** Runs what a command line asks for, and resolves with the exit code. */
export async function runServices(
  args: readonly string[],
  folder: string,
  output: Output,
): Promise<number> {
  const line = readServiceLine(args, process.env, folder);
  if (line.kind === 'wrong') {
    output.complain(`${line.message}\n`);
    return WRONG_USAGE;
  }
  const options = optionsOf(line, output);
  const system = new ActorSystem({ name: 'cruncher' });
  if (line.use === 'web') return await webPage(system, line, options, output);
  const program = await main(services(options), { system });
  if (line.use === 'run') {
    output.print(`${line.role} runs\n`);
    return await program.ended;
  }
  const isWhole = line.role === 'all';
  const asking: AskingOptions = {
    topology: options.topology,
    crunchers: Object.keys(CRUNCHERS),
    // Elsewhere they may not be running, and who types waits for nobody who may never come.
    patienceMs: isWhole ? 'infinity' : 2000,
    print: output.print,
  };
  const asked =
    line.use === 'prompt'
      ? system.run(prompt, typistAt(process.stdin, process.stdout), folder, asking)
      : system.run(uploader, line.paths, asking);
  const failures = await Promise.race([asked, program.ended.then(() => undefined)]);
  if (failures === undefined) return await program.ended;
  if (isWhole && line.use === 'paths') output.print(snapshotText(await settled(system, options)));
  await program.stop();
  await output.finish();
  return failures > 0 ? 1 : 0;
}

/** Opens the page, and resolves with the exit code when it is told to end. */
async function webPage(
  system: ActorSystem,
  line: ServiceLine,
  services: ServicesOptions,
  output: Output,
): Promise<number> {
  const { openPage } = await import('./page/serve.ts');
  const { host, port, broker } = line;
  const isTemporary = broker === 'memory:';
  const spool = isTemporary
    ? await mkdtemp(join(tmpdir(), 'cruncher-'))
    : join(line.stateFolder, 'uploads');
  try {
    const page = await openPage(system, { services, host, port, spool, isTemporary });
    output.print(`The page is at ${page.url}\nCtrl-C ends it\n`);
    return await page.ended;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    output.complain(`Port ${port} is taken: try --port ${port + 1}\n`);
    return WRONG_USAGE;
  }
}

/** What status knows once the notices that are sent here have been, or so long has passed. */
async function settled(system: ActorSystem, { names }: ServicesOptions): Promise<Snapshot> {
  const until = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const snapshot = await system.call(STATUS, { tag: 'look' }).within('infinity');
    const isOpen = snapshot.notices.some(
      ({ name, state }) => state === 'published' && names.includes(name),
    );
    if (!isOpen || performance.now() > until) return snapshot;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** What a tree is told, of what was typed. */
export function optionsOf(line: ServiceLine, output: Output): ServicesOptions {
  const isInMemory = line.broker === 'memory:';
  return {
    url: line.broker,
    topology: { prefix: line.prefix, isDurable: !isInMemory },
    roles: line.role === 'all' ? ROLES : [line.role],
    book: bookcaseOf(line, isInMemory),
    ...(line.notifyDomain !== undefined && { notifyDomain: line.notifyDomain }),
    announce: (addresses) => output.print(`New emails: ${printable([...addresses].join(', '))}\n`),
    mailer: mailerOf(line),
    names: line.names,
    whileStopped: line.whileStopped,
  };
}

function bookcaseOf(line: ServiceLine, isInMemory: boolean): Bookcase {
  return isInMemory ? inMemory() : inFolder(join(line.stateFolder, 'status'));
}

function mailerOf({ smtp, outbox, from }: ServiceLine): Mailer {
  return smtp === undefined
    ? outboxMailer(outbox, from)
    : smtpMailer(serverOf(smtp, process.env), from);
}
