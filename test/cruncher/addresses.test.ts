import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeSteps } from '../support/steps.ts';
import { addressesIn } from './records.ts';

/** The expression that defines what an address is, on text with one character per byte. */
const REFERENCE = /[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g;

describe('findAddresses()', () => {
  test.each<[text: string, addresses: string[]]>([
    ['', []],
    ['none', []],
    ['@', []],
    ['a@b', []],
    ['a@b.', []],
    ['@b.c', []],
    ['a@.b.c', []],
    ['a@b.c', ['a@b.c']],
    ['write to bob@example.com.', ['bob@example.com']],
    ['a@b.c..', ['a@b.c']],
    ['<a+b_c.d-e@f-g.h-i>', ['a+b_c.d-e@f-g.h-i']],
    ['a@b.c@d.e', ['a@b.c']],
    ['a@b@c.d', ['b@c.d']],
    ['a@b.@c.d', ['b.@c.d']],
    ['a@@b.c', []],
    ['a@b.c_d@e.f', ['a@b.c', '_d@e.f']],
    ['a@b.c.@d.e', ['a@b.c', '.@d.e']],
    ['a@b.c..d@e.f', ['a@b.c', '..d@e.f']],
    ['a@b_c@d.e', ['b_c@d.e']],
    ['a@b._c@d.e', ['b._c@d.e']],
    ['a@-.-', ['a@-.-']],
    ['.@-.-', ['.@-.-']],
    ['a@b.c,d@e.f\ng@h.i\0j@k.l', ['a@b.c', 'd@e.f', 'g@h.i', 'j@k.l']],
    ['a@1.2', ['a@1.2']],
  ])('finds in %j what grep finds', (text, addresses) => {
    expect(find(text)).toEqual(addresses);
    expect(reference(text)).toEqual(addresses);
  });

  test('takes the case out of the domain and leaves it in the local part', () => {
    expect(find('Bob@EXAMPLE.com Bob@example.COM bob@example.com')).toEqual([
      'Bob@example.com',
      'Bob@example.com',
      'bob@example.com',
    ]);
  });

  test('treats bytes above 127 as no part of an address', () => {
    expect(find('r\xe9sum\xe9@example.com caf@\xe9.fr')).toEqual([]);
    expect(addressesIn(Buffer.from('é.bob@example.com.é'))).toEqual(['.bob@example.com']);
  });

  test('scans only the view that it is given', () => {
    const buffer = Buffer.from('xa@b.cx');
    expect(addressesIn(buffer.subarray(1, 6))).toEqual(['a@b.c']);
  });

  test('agrees with the expression on any text', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'aZ9-.._+@@@\n\0\xff'), maxLength: 80 });
    fc.assert(
      fc.property(nasty, (text) => {
        expect(find(text)).toEqual(reference(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each(['a.', '@', 'a@', 'a@b.', 'a@b.c@d.e', 'a@b.c_', 'a', 'a@b.c.@', '_@-.'])(
    'takes work in proportion to the length of %j repeated',
    (unit) => {
      const work = (times: number): number => {
        const bytes = Buffer.from(unit.repeat(times));
        takeSteps();
        addressesIn(bytes);
        return takeSteps('/examples/cruncher/src/');
      };
      expect(work(40_000)).toBeLessThan(2.2 * work(20_000));
    },
  );
});

function find(text: string): string[] {
  return addressesIn(Buffer.from(text, 'latin1'));
}

function reference(text: string): string[] {
  return (text.match(REFERENCE) ?? []).map((address) => {
    const domain = address.indexOf('@') + 1;
    return address.slice(0, domain) + address.slice(domain).toLowerCase();
  });
}
