/** What the environment says, checked before anything begins. */

import { parseArgs } from 'node:util';

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** The folder of everything that is kept: tasks, people and mails. */
  readonly store: string;
  /** Of the clock that the digest goes by. */
  readonly zone: string;
  /** Where a worker in Python takes the timelines from; without it they are filled here. */
  readonly broker: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws RangeError or TypeError that says which variable or option is wrong */
export function settingsFrom(env: Environment, args: readonly string[] = []): Settings {
  const { values } = parseArgs({ args: [...args], options: { broker: { type: 'string' } } });
  const broker = values.broker ?? env['BROKER'];
  const { HOST = '127.0.0.1', PORT = '8081', STORE = '.beamish/follow', ZONE = 'UTC' } = env;
  const port = Number(PORT);
  if (PORT.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`Cannot start: PORT is a whole number from 0 to 65535, not "${PORT}"`);
  return { host: HOST, port, store: STORE, zone: ZONE, broker: broker === '' ? undefined : broker };
}
