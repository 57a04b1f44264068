import fc from 'fast-check';
import isemail from 'isemail';
import { describe, expect, test } from 'vitest';
import { undisguised } from '../../../examples/cruncher/src/thorough/disguises.ts';
import { textOfHtml } from '../../../examples/cruncher/src/thorough/html.ts';
import { judge } from '../../../examples/cruncher/src/thorough/judge.ts';
import { RULES, type Verdict } from '../../../examples/cruncher/src/thorough/rules.ts';
import { findingsIn } from '../../../examples/cruncher/src/thorough/running-text.ts';
import { alone, html, type Row, rules, running } from './page.ts';

/** What isemail calls more than a curiosity: beyond what RFC 5321 and 5322 allow, old forms included. */
const MOST_CURIOUS = 64;

describe('the page', () => {
  test('has more than 150 lines, and each rule is broken in one of them', () => {
    const all = [...alone, ...running, ...html];
    expect(all.length).toBeGreaterThan(150);
    const broken = new Set(
      all.flatMap(({ verdicts }) => verdicts).filter((each) => each.startsWith('none: ')),
    );
    expect([...broken].sort()).toEqual(
      Object.keys(RULES)
        .map((rule) => `none: ${rule}`)
        .sort(),
    );
  });

  test('tells every rule, in the words of the program', () => {
    expect(Object.fromEntries(rules)).toEqual(RULES);
  });
});

describe('a text that stands alone', () => {
  test.each(namedOf(alone))('%s', (_, { text, verdicts }) => {
    expect([shown(judge(text))]).toEqual(verdicts);
  });

  test.each(namedOf(alone))('isemail on %s', (_, { text, verdicts, why }) => {
    const theirs = isemail.validate(text, { errorLevel: true }) < MOST_CURIOUS;
    const ours = !verdicts[0]!.startsWith('none');
    expect(theirs === ours, `isemail says ${theirs}`).toBe(!why.endsWith('†'));
  });
});

describe('a running text', () => {
  test.each(namedOf(running))('%s', (_, { text, verdicts }) => {
    expect(verdictsIn(undisguised(text))).toEqual(verdicts);
  });

  test.each(namedOf(html))('HTML: %s', (_, { text, verdicts }) => {
    expect(verdictsIn(undisguised(textOfHtml(text)))).toEqual(verdicts);
  });
});

describe('judge()', () => {
  test('calls its own form of an address an address, in the same form', () => {
    for (const { text } of alone) {
      const verdict = judge(text);
      if ('address' in verdict) expect(judge(verdict.address)).toEqual(verdict);
    }
  });

  test('says the same of any text with a comment after it, and without', () => {
    const piece = fc.constantFrom(
      ...'ab1-_+.@"(\\) ',
      'xn--',
      'ö',
      'a@b.c',
      '[1.2.3.4]',
      'x'.repeat(60),
    );
    const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (text) => {
        const verdict = judge(text);
        // The rule may be another one: what ends too early now goes on with a comment.
        if ('address' in verdict) expect(judge(`${text}(comment)`)).toEqual(verdict);
        else expect(judge(`()${text}`)).toHaveProperty('broken');
      }),
      { numRuns: 20_000 },
    );
  });
});

function namedOf(rows: readonly Row[]): [string, Row][] {
  return rows.map((row) => [`${row.section}: ${row.shown}`.replaceAll('%', '%%'), row]);
}

function verdictsIn(text: string): string[] {
  return Array.from(findingsIn(text), shown);
}

function shown(verdict: Verdict): string {
  return 'address' in verdict ? verdict.address : `none: ${verdict.broken}`;
}
