/** The command line. */

import { parseArgs } from 'node:util';

export const USAGE = `pnpm bench [workload…]
  --rounds N   figures of each program, taken in turn (default 5)
  --floor      also the same in plain generators: what the language allows
  --tap        also beamish with a tap that counts
  --check      exit code 1 if a target is missed, or a ratio fell since a baseline.json of such a machine
  --save       writes baseline.json
  --json       results as JSON instead of a table
  --node PATH  another Node
  --smoke      all programs once, with next to nothing to do: only whether they work
  --help       this`;

export interface Options {
  /** None for all. */
  readonly names: readonly string[];
  readonly rounds: number;
  readonly floor: boolean;
  readonly tap: boolean;
  readonly check: boolean;
  readonly save: boolean;
  readonly json: boolean;
  readonly node: string;
  readonly smoke: boolean;
  readonly help: boolean;
}

/** @throws TypeError for what is no option, or no number of rounds. */
export function parse(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    // pnpm hands on the two dashes that npm needs.
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      floor: { type: 'boolean', default: false },
      tap: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      node: { type: 'string', default: process.execPath },
      smoke: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new TypeError(`Cannot measure ${values.rounds} rounds: pass a whole number from 1 up`);
  return { ...values, rounds, names: positionals };
}
