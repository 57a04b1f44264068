// The command line of the services.

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { NamedPath } from '../input.ts';
import { namedPath } from '../options.ts';
import { judge } from '../thorough/judge.ts';
import type { WhileStopped } from './notifier.ts';
import { ROLES, type Role } from './tree.ts';

export interface ServiceLine {
  readonly kind: 'services';
  readonly broker: string;
  readonly prefix: string;
  readonly stateFolder: string;
  /** All of them in one process; or one. */
  readonly role: Role | 'all';
  /** What somebody does with them: types names of files, has given some, opens the page, or just lets them run. */
  readonly use: 'prompt' | 'paths' | 'web' | 'run';
  readonly paths: readonly NamedPath[];
  readonly notifyDomain: string | undefined;
  readonly names: readonly string[];
  readonly whileStopped: WhileStopped;
  /** Where notices go: a server, or, as a dry run, a folder. */
  readonly smtp: string | undefined;
  readonly outbox: string;
  readonly from: string;
  /** Where the page is. */
  readonly host: string;
  readonly port: number;
}

const OPTIONS = {
  broker: { type: 'string' },
  role: { type: 'string' },
  prefix: { type: 'string' },
  state: { type: 'string' },
  'notify-domain': { type: 'string' },
  name: { type: 'string', multiple: true },
  'while-stopped': { type: 'string' },
  smtp: { type: 'string' },
  outbox: { type: 'string' },
  from: { type: 'string' },
  web: { type: 'boolean' },
  port: { type: 'string' },
  host: { type: 'string' },
  prompt: { type: 'boolean' },
} as const;

const DEFAULT_PORT = 8025;

export function readServiceLine(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  folder: string,
): ServiceLine | { readonly kind: 'wrong'; readonly message: string } {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong((error as Error).message);
  }
  const { values, positionals } = parsed;
  const broker = inFolder(values.broker ?? (env['BROKER'] || 'memory:'), folder);
  const role = values.role ?? 'all';
  const whileStopped = values['while-stopped'] ?? 'wait';
  const stateFolder = resolve(folder, values.state ?? join('.beamish', 'cruncher'));
  const notifyDomain = values['notify-domain']?.toLowerCase();
  const from = values.from ?? 'cruncher@localhost.localdomain';
  const port = Number(values.port ?? DEFAULT_PORT);
  const names = values.name?.map((each) => each.toLowerCase()) ?? [];

  if (!/^(memory:|file:.+|amqps?:\/\/.+)$/.test(broker))
    return wrong('--broker takes memory:, file:FOLDER or amqp://HOST');
  if (role !== 'all' && !ROLES.includes(role as Role))
    return wrong(`--role is one of ${ROLES.join(', ')}, and not "${role}"`);
  if (role !== 'all' && !broker.startsWith('amqp'))
    return wrong(`--role ${role} needs a broker that other processes reach: --broker amqp://HOST`);
  if (role === 'notifier' && names.length === 0)
    return wrong('--role notifier needs to know whose notices it sends: --name NAME');
  if (whileStopped !== 'wait' && whileStopped !== 'drop')
    return wrong(`--while-stopped is wait or drop, and not "${whileStopped}"`);
  const bad = names.find((each) => !('address' in judge(`${each}@example.org`)));
  if (bad !== undefined) return wrong(`--name "${bad}" is nothing that stands before an @`);
  if (notifyDomain !== undefined && !('address' in judge(`a@${notifyDomain}`)))
    return wrong(`--notify-domain "${notifyDomain}" is no domain`);
  if (!('address' in judge(from))) return wrong(`--from "${from}" is no address`);
  if (values.smtp !== undefined && !/^smtps?:\/\/./.test(values.smtp))
    return wrong('--smtp takes smtp://HOST:PORT or smtps://HOST:PORT');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return wrong(`--port takes a number from 0 to 65535, and got "${values.port}"`);
  if (values.web === true && role !== 'all')
    return wrong(`--web shows all of it: leave out --role ${role}`);
  if (positionals.some((path) => path === '-' || path === ''))
    return wrong('The services take files and folders, not standard input');
  if (positionals.length > 0 && (values.web === true || values.prompt === true))
    return wrong('Leave out the paths: they are given on the page, or at the prompt');
  if (positionals.length > 0 && role !== 'all' && role !== 'prompt')
    return wrong(`Leave out the paths: --role ${role} gets its work from the broker`);
  return {
    kind: 'services',
    broker,
    prefix: values.prefix ?? 'cruncher',
    stateFolder,
    role: role as Role | 'all',
    use: use(values.web === true, positionals.length, role),
    paths: positionals.map((path) => namedPath(path, folder)),
    notifyDomain,
    names,
    whileStopped,
    smtp: values.smtp,
    outbox: resolve(folder, values.outbox ?? join(stateFolder, 'outbox')),
    from,
    host: values.host ?? '127.0.0.1',
    port,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
}

function use(isWeb: boolean, paths: number, role: string): ServiceLine['use'] {
  if (isWeb) return 'web';
  if (role !== 'all' && role !== 'prompt') return 'run';
  return paths > 0 ? 'paths' : 'prompt';
}

/** A folder is meant from where the user stands. */
function inFolder(broker: string, folder: string): string {
  const path = /^file:(?!\/\/)(.+)$/.exec(broker)?.[1];
  return path === undefined ? broker : `file:${resolve(folder, path)}`;
}

function wrong(message: string): { readonly kind: 'wrong'; readonly message: string } {
  return { kind: 'wrong', message: `${message}\nTry --help` };
}
