/** What somebody asks: read, checked, and refused in words. */

import { Refused } from '@beamish/example-http';
import type { Complete } from '@beamish/tasks';
import { BadJson, fieldsOf } from './json-object.ts';
import type { Found, Questions } from './work.ts';

const MOST_DIGITS = 1000;
const MOST_BY_TRIAL = 2n ** 64n;
const LONGEST_QUOTED = 40;
const WHOLE = /^\s*([+-]?)0*(\d+)\s*$/;

/** The task that answers the question of a body. @throws Refused */
export function taskFor(body: string, questions: Questions): Complete<Found> {
  const fields = fieldsOfBody(body);
  const source = fields.get('number');
  if (source === undefined)
    throw new Refused(400, 'missing_number', 'Give a number: {"number": 11}');
  const digits = wholeNumber(source);
  const method = fields.get('method') ?? '"auto"';
  if (method === '"auto"') return questions.isPrime.s(digits);
  if (method !== '"trial"')
    throw new Refused(
      400,
      'bad_method',
      `No such method: ${quoted(method)}; there is "auto" and "trial"`,
    );
  if (BigInt(digits) > MOST_BY_TRIAL)
    throw new Refused(400, 'too_large', 'Trial division only up to 2^64');
  return questions.byTrial.s(digits);
}

function fieldsOfBody(body: string): ReadonlyMap<string, string> {
  try {
    return fieldsOf(body);
  } catch (error) {
    if (!(error instanceof BadJson)) throw error;
    throw new Refused(400, 'bad_json', `The body is not a JSON object: ${error.message}`);
  }
}

/** The digits, with their sign and without zeros in front. */
function wholeNumber(source: string): string {
  const text = source.startsWith('"') ? (JSON.parse(source) as string) : source;
  const [, sign, digits] = WHOLE.exec(text) ?? [];
  if (digits === undefined)
    throw new Refused(400, 'not_an_integer', `Not a whole number: ${quoted(source)}`);
  if (digits.length > MOST_DIGITS)
    throw new Refused(413, 'too_large', `At most ${MOST_DIGITS.toLocaleString('en')} digits`);
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

function quoted(source: string): string {
  return source.length > LONGEST_QUOTED ? `${source.slice(0, LONGEST_QUOTED - 1)}…` : source;
}
