#!/usr/bin/env node
/** The command `beamish-observer`: a program in the terminal, a program run with an observer, a recording in the browser. */

import { parseArgs } from 'node:util';
import { attach } from './cli/attach.ts';
import { addressOf, NotObserved } from './cli/stream.ts';
import { top } from './cli/top.ts';
import { servePage } from './page/server.ts';
import { observedHere } from './page/state-file.ts';
import { openRecording } from './recording/recording.ts';
import { harmless } from './terms/text.ts';

const USAGE = `beamish-observer attach [--control] -- node app.js     runs a program with an observer, prints the link
beamish-observer top [url] [--sort mailbox|rate|waited|name] [--once [--json]]
beamish-observer view run.ndjson                       the page over a recording`;

const SORTS = ['mailbox', 'rate', 'waited', 'name'] as const;

async function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'attach': {
      const split = rest.indexOf('--');
      const { values } = parse(split < 0 ? [] : rest.slice(0, split), {
        control: { type: 'boolean' },
      });
      const program =
        split < 0 ? rest.filter((each) => each !== '--control') : rest.slice(split + 1);
      if (program.length === 0)
        throw new NotObserved(
          'Nothing to run. For example: beamish-observer attach -- node app.js',
        );
      return await attach(
        program,
        values['control'] === true || (split < 0 && rest.includes('--control')),
      );
    }
    case 'top': {
      const { values, positionals } = parse(rest, {
        sort: { type: 'string' },
        once: { type: 'boolean' },
        json: { type: 'boolean' },
      });
      const sort = SORTS.find((each) => each === (values['sort'] ?? 'mailbox'));
      if (sort === undefined)
        throw new NotObserved(
          `There is no order "${String(values['sort'])}"; there are ${SORTS.join(', ')}.`,
        );
      return await top(addressOf(positionals[0] ?? theOne()), {
        sort,
        once: values['once'] === true,
        json: values['json'] === true,
      });
    }
    case 'view': {
      const [file] = rest;
      if (file === undefined)
        throw new NotObserved('Which recording? For example: beamish-observer view run.ndjson');
      const page = await servePage(await openRecording(file));
      process.stdout.write(`${page.url}\n`);
      return await new Promise((resolve) => {
        // The page alone keeps nothing alive.
        const staying = setInterval(() => {}, 60_000);
        process.once('SIGINT', () => {
          clearInterval(staying);
          void page.close().then(() => resolve(0));
        });
      });
    }
    default:
      if (command !== undefined && command !== '--help' && command !== '-h') {
        process.stderr.write(`${USAGE}\n`);
        return 2;
      }
      process.stdout.write(`${USAGE}\n`);
      return 0;
  }
}

/** The link of the one program that is observed here. */
function theOne(): string {
  const all = observedHere();
  const [one] = all;
  if (one === undefined)
    throw new NotObserved(
      'No program is observed here. Start one with "beamish-observer attach -- node app.js", or give its link.',
    );
  if (all.length > 1)
    throw new NotObserved(
      `Several programs are observed here. Give the link of one:\n${all.map(({ name, pid, url }) => `  ${name} (process ${pid})  ${url}`).join('\n')}`,
    );
  return one.url;
}

function parse(
  args: readonly string[],
  options: { readonly [name: string]: { readonly type: 'string' | 'boolean' } },
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new NotObserved(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${harmless(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = 2;
  },
);
