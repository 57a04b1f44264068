// The command line: what it says, what it may not say, and its help.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type NamedPath, STANDARD_INPUT } from './input.ts';
import type { Algorithm } from './messages.ts';

/** How the result is printed: for people, as one JSON object, or as the bare list of addresses. */
export type Format = 'report' | 'json' | 'unique';

/** How many threads may crunch, this one among them. */
export type Threads = number | 'auto';

export type CommandLine =
  | {
      readonly kind: 'run';
      readonly paths: readonly NamedPath[];
      readonly format: Format;
      /** How many domains are listed. */
      readonly top: number;
      readonly threads: Threads;
      readonly algorithm: Algorithm;
    }
  | {
      readonly kind: 'prompt';
      readonly top: number;
      readonly threads: Threads;
      readonly algorithm: Algorithm;
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** Wrong usage: the message says what is wrong and what to do. The exit code is 2. */
  | { readonly kind: 'wrong'; readonly message: string };

const DEFAULT_TOP = 10;
const SAMPLES: NamedPath = {
  shown: 'samples',
  location: fileURLToPath(new URL('../samples', import.meta.url)),
};

export const HELP = `Usage: npm start -- [option...] [file | folder | -]...

Counts the e-mail addresses in files, in folders and all they hold, and in
standard input (-). Without a path it crunches the samples that come with it.

      --top N     list the N domains with the most addresses (${DEFAULT_TOP})
      --json      print the result as one JSON object, and nothing else
      --unique    print each address once, sorted, a line each, and nothing else
      --prompt    ask for one file after the other, until "quit"
      --thorough  find addresses by the rules: in mail, HTML, any encoding, too
      --threads N crunch on up to N threads, or "auto"; 1 if not given
      --observe   print a link on stderr, under which one sees what it does
  -h, --help      print this
  -V, --version   print the version

--json and --unique exclude each other. --prompt is for people: it asks for the
files itself, so it takes no path, and neither of those two.

More threads are started once there is enough to do for them, and no more than
there are cores, or with "auto", idle cores. The totals are always the same.

The services, over exchanges and queues. What was found is remembered:

      --web                 open the page (--port N, --host ADDRESS)
      --broker URL          memory:, file:FOLDER or amqp://HOST; or BROKER
      --role R              one part: prompt, fast, thorough, status or notifier
      --state FOLDER        what status knows (.beamish/cruncher)
      --notify-domain D     tell the owners of new addresses of this domain
      --name N              whose notices are sent here; once for each name
      --while-stopped HOW   what their notices do meanwhile: wait or drop
      --smtp URL            send them there, as --from ADDRESS; if not given,
                            a dry run writes them to --outbox FOLDER
      --prefix P            what the names of exchanges and queues begin with

A path that begins with a dash goes after "--", or is written ./-like-this.
The exit code is 0 if all went well, 1 if some input could not be read, 2 if the
command line is wrong, and 130 after Ctrl-C.
`;

/** What makes a command line one of the services, which read it themselves. */
const SERVICES = ['broker', 'role', 'notify-domain', 'name', 'web'] as const;

export function asksForServices(args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  if ((env['BROKER'] ?? '') !== '') return true;
  const end = args.indexOf('--');
  return args
    .slice(0, end < 0 ? undefined : end)
    .some((arg) => SERVICES.some((each) => arg === `--${each}` || arg.startsWith(`--${each}=`)));
}

/**
 * Reads the arguments. Paths are taken from `folder`, where the user stands, and shown as typed.
 */
export function readCommandLine(args: readonly string[], folder: string): CommandLine {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
    // Not strict: its messages speak of the parser, ours of what to type.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const message = faultOf(token.name, token.rawName, token.value);
    if (message !== undefined) return wrong(message);
  }
  const { help, version, json, unique, prompt, top: typedTop, threads: typedThreads } = values;
  if (help === true) return { kind: 'help' };
  if (version === true) return { kind: 'version' };

  const top = typedTop === undefined ? DEFAULT_TOP : Number(typedTop);
  const algorithm = values.thorough === true ? 'thorough' : 'fast';
  const threads = typedThreads === 'auto' ? typedThreads : Number(typedThreads ?? 1);
  if (prompt === true) {
    const first = positionals[0];
    if (first !== undefined) {
      return wrong(`--prompt asks for the files itself: leave out "${first}" or --prompt`);
    }
    if (json === true || unique === true) {
      return wrong(
        `--prompt prints as it goes: leave out ${json === true ? '--json' : '--unique'}`,
      );
    }
    return { kind: 'prompt', top, threads, algorithm };
  }
  if (json === true && unique === true) {
    return wrong('--json and --unique exclude each other: leave out one');
  }
  if (positionals.includes('')) return wrong('A path is empty: leave it out, or write . for here');
  const paths =
    positionals.length > 0 ? positionals.map((path) => namedPath(path, folder)) : [SAMPLES];
  const format = json === true ? 'json' : unique === true ? 'unique' : 'report';
  return { kind: 'run', paths, format, top, threads, algorithm };
}

/** Where the user stands: npm changes the folder before it starts a program, and says from where. */
export function userFolder(env: NodeJS.ProcessEnv, workingFolder: string): string {
  const { INIT_CWD = workingFolder } = env;
  return INIT_CWD;
}

/** A path as the user typed it, and where it is. */
export function namedPath(typed: string, folder: string): NamedPath {
  const location = typed === STANDARD_INPUT ? typed : resolve(folder, typed);
  return { shown: typed, location };
}

const OPTIONS = {
  top: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
  unique: { type: 'boolean' },
  prompt: { type: 'boolean' },
  thorough: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** Says what is wrong with an option, if anything is. */
function faultOf(name: string, typed: string, value: string | undefined): string | undefined {
  if (!Object.hasOwn(OPTIONS, name)) {
    return `There is no option "${typed}": if it is a path, write "./${typed}"`;
  }
  const got = value === undefined ? 'nothing' : `"${value}"`;
  if (name === 'top') {
    if (value !== undefined && /^\d{1,9}$/.test(value)) return undefined;
    return `--top takes a whole number, such as 5, and got ${got}`;
  }
  if (name === 'threads') {
    if (value !== undefined && /^(auto|[1-9]\d{0,3})$/.test(value)) return undefined;
    return `--threads takes a whole number above 0, such as 2, or "auto", and got ${got}`;
  }
  return value === undefined ? undefined : `${typed} takes no value: leave out "=${value}"`;
}

function wrong(message: string): CommandLine {
  return { kind: 'wrong', message: `${message}\nTry --help` };
}
