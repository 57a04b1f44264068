/**
 * The long form of the soundness test: small programs of chance, of which reduction must lose no outcome.
 *
 *     npm run sound:sim [-- [--programs N] [--from SEED] [--most RUNS] [FAMILY…]]
 *
 * Programs with more interleavings than `--most` are passed over. Tells of each family, and of each difference.
 */

import { parseArgs } from 'node:util';
import { explore } from '@beamish/sim';
import { compare, SPEEDS } from './support/comparing.ts';
import { FAMILIES } from './support/programs.ts';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: {
    programs: { type: 'string', default: '320' },
    from: { type: 'string', default: '1' },
    most: { type: 'string', default: '3000' },
  },
});
const [programs, from, most] = [values.programs, values.from, values.most].map(Number) as [
  number,
  number,
  number,
];
const unknown = positionals.find((each) => !FAMILIES.some((family) => family === each));
if (unknown !== undefined)
  throw new TypeError(`Cannot search programs of "${unknown}": there are ${FAMILIES.join(', ')}`);

let [all, compared, different] = [0, 0, 0];
for (const family of FAMILIES) {
  if (positionals.length > 0 && !positionals.includes(family)) continue;
  for (const speed of SPEEDS) {
    const before = compared;
    for (let seed = from; seed < from + programs; seed++) {
      all++;
      const found = await compare(explore, { family, seed, speed }, most);
      if (found === 'too large') continue;
      compared++;
      if (found === undefined) continue;
      different++;
      console.log(`DIFFERENT: ${found}`);
    }
    console.log(`${family}, ${speed}: ${compared - before} of ${programs} compared`);
  }
}
console.log(`${compared} of ${all} compared, ${different} differ`);
process.exitCode = different === 0 ? 0 : 1;
