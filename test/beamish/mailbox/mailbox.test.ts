import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CHUNK,
  type Guard,
  Mailbox,
  UNBOUNDED,
} from '../../../packages/beamish/src/mailbox/mailbox.ts';
import {
  accepts,
  largeTagSet,
  tagSet,
  type Want,
} from '../../../packages/beamish/src/mailbox/tag-set.ts';
import { property } from '../../support/property.ts';

interface Note {
  readonly tag: string;
  readonly n: number;
}

function note(tag: string, n = 0): Note {
  return { tag, n };
}

function filled(count: number, tagOf: (n: number) => string = () => 'm'): Mailbox {
  const box = new Mailbox();
  for (let n = 0; n < count; n++) box.push(note(tagOf(n), n));
  return box;
}

function numbersIn(box: Mailbox): number[] {
  return box.toArray().map((message) => (message as Note).n);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

property(
  'hasNew tells whether takeNew would find one, and moves nothing',
  fc.asyncProperty(
    fc.array(fc.constantFrom('push a', 'push b', 'take a', 'take b', 'go on', 'begin'), {
      maxLength: 60,
    }),
    fc.constantFrom<Want>('a', 'b', undefined, tagSet(undefined, 'a', 'b', undefined, undefined)),
    fc.boolean(),
    async (deeds, want, guarded) => {
      const box = filled(3, (n) => (n === 1 ? 'a' : 'b'));
      const guard: Guard | undefined = guarded ? (message: Note) => message.n % 2 === 1 : undefined;
      for (const [i, deed] of deeds.entries()) {
        if (deed === 'begin') box.rewind();
        else if (deed === 'go on') {
          const [has, before] = [box.hasNew(want, guard), box.toArray()];
          expect(box.hasNew(want, guard)).toBe(has);
          expect(box.toArray()).toEqual(before);
          expect(box.takeNew(want, guard) !== undefined).toBe(has);
        } else if (deed.startsWith('push')) box.push(note(deed.slice(5), i));
        else box.take(deed.slice(5), undefined);
      }
    },
  ),
);

/** Counts how often its tag is looked at. */
class Counted implements Note {
  looks = 0;
  readonly n = 0;
  readonly #tag: string;

  constructor(tag: string) {
    this.#tag = tag;
  }

  get tag(): string {
    this.looks++;
    return this.#tag;
  }
}

describe('Mailbox', () => {
  test('an empty one has nothing to take', () => {
    const box = new Mailbox();
    expect([box.take(undefined, undefined), box.take('a', undefined)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(box.take(undefined, () => true)).toBeUndefined();
    expect(box.removeFirst(() => true)).toBeUndefined();
    expect([box.length, box.toArray(), box.limit]).toEqual([0, [], UNBOUNDED]);
  });

  test.each([1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])(
    'keeps the order of %d messages',
    (count) => {
      const box = filled(count);
      expect(box.length).toBe(count);
      expect(numbersIn(box)).toEqual(upTo(count));
      const taken = upTo(count).map(() => (box.take(undefined, undefined) as Note).n);
      expect(taken).toEqual(upTo(count));
      expect(box.length).toBe(0);
    },
  );

  test('works as a queue that is never empty, over many chunks', () => {
    const box = filled(10);
    for (let n = 10; n < 10 * CHUNK; n++) {
      box.push(note('m', n));
      expect((box.take(undefined, undefined) as Note).n).toBe(n - 10);
      expect(box.length).toBe(10);
    }
  });

  test('takes from the middle and leaves the rest in order, in every chunk', () => {
    const box = filled(4 * CHUNK, (n) => (n % CHUNK === 5 ? 'x' : 'm'));
    for (let chunk = 0; chunk < 4; chunk++)
      expect(box.take('x', undefined)).toEqual(note('x', chunk * CHUNK + 5));
    expect(box.take('x', undefined)).toBeUndefined();
    expect(numbersIn(box)).toEqual(upTo(4 * CHUNK).filter((n) => n % CHUNK !== 5));
  });

  test('holes are passed over and, when they are most of it, closed up', () => {
    const box = filled(4 * CHUNK, (n) => (n % 8 === 0 ? 'stays' : 'goes'));
    for (let n = 0; n < 4 * CHUNK; n++) if (n % 8 !== 0) box.take('goes', () => true);
    const stays = upTo(4 * CHUNK).filter((n) => n % 8 === 0);
    expect(numbersIn(box)).toEqual(stays);
    box.push(note('last', -1));
    for (const n of [...stays, -1]) expect((box.take(undefined, undefined) as Note).n).toBe(n);
    expect(box.length).toBe(0);
  });

  test('a receive that goes on looks only at what has come since', () => {
    const box = filled(2 * CHUNK);
    const looked: number[] = [];
    const guard = ({ n }: Note) => {
      looked.push(n);
      return n === -3;
    };
    expect(box.take(undefined, guard as Guard)).toBeUndefined();
    for (const n of [-1, -2, -3, -4]) {
      box.push(note('m', n));
      if (n === -2) expect(box.takeNew(undefined, guard as Guard)).toBeUndefined();
    }
    expect(box.takeNew(undefined, guard as Guard)).toEqual(note('m', -3));
    expect(looked).toEqual([...upTo(2 * CHUNK), -1, -2, -3]);
    expect(numbersIn(box)).toEqual([...upTo(2 * CHUNK), -1, -2, -4]);
  });

  test('the next receive begins at the front again', () => {
    const box = filled(3);
    expect(box.take('none', undefined)).toBeUndefined();
    expect(box.take('m', undefined)).toEqual(note('m', 0));
    expect(box.take('none', undefined)).toBeUndefined();
    box.rewind();
    expect(box.takeNew('m', undefined)).toEqual(note('m', 1));
  });

  test('taking something out in the middle of a receive hides nothing from it', () => {
    const box = filled(3);
    expect(box.take('x', undefined)).toBeUndefined();
    expect(box.removeFirst((message) => (message as Note).n === 2)).toEqual(note('m', 2));
    box.push(note('x', 7));
    expect(box.takeNew('x', undefined)).toEqual(note('x', 7));
    expect(numbersIn(box)).toEqual([0, 1]);
  });

  test('a guard that throws takes nothing', () => {
    const box = filled(3);
    const guard: Guard = () => {
      throw new Error('in the guard');
    };
    expect(() => box.take('m', guard)).toThrow('in the guard');
    expect(numbersIn(box)).toEqual([0, 1, 2]);
  });

  test('a backlog that receives by tag have skipped often is not looked at any more', () => {
    const box = new Mailbox();
    const backlog = Array.from({ length: 5000 }, () => new Counted('junk'));
    for (const message of backlog) box.push(message);
    const looks = () => backlog.reduce((sum, { looks }) => sum + looks, 0);
    const receive = (n: number) => {
      box.push(note('x', n));
      expect(box.take(tagSet(undefined, 'x', 'y'), undefined)).toEqual(note('x', n));
    };
    for (let n = 0; n < 20; n++) receive(n);
    const before = looks();
    for (let n = 0; n < 1000; n++) receive(n);
    // Only the front is, each time.
    expect(looks()).toBeLessThanOrEqual(before + 1000);
    expect(before).toBeLessThan(10 * backlog.length);
    expect(box.toArray()).toEqual(backlog);
  });

  test('of several wanted tags the first in order of arrival is taken, by the index too', () => {
    const box = filled(2000, () => 'junk');
    for (let n = 0; n < 20; n++) box.take('none', undefined);
    for (const [n, tag] of ['c', 'b', 'a', 'c'].entries()) box.push(note(tag, n));
    const want = tagSet(undefined, 'a', 'b', 'c');
    for (let n = 0; n < 4; n++) expect((box.take(want, undefined) as Note).n).toBe(n);
    expect(box.take(want, undefined)).toBeUndefined();
    expect(box.length).toBe(2000);
  });

  test('a place that a guard has emptied behind the index is not taken for what comes into it', () => {
    const box = filled(2000, () => 'junk');
    for (let n = 0; n < 20; n++) box.take('none', undefined);
    box.push(note('a', 0));
    box.push(note('a', 1));
    expect(box.take('a', ((message: Note) => message.n === 1) as Guard)).toEqual(note('a', 1));
    box.push(note('b', 2));
    expect(box.take('a', undefined)).toEqual(note('a', 0));
    expect(box.take('a', undefined)).toBeUndefined();
    expect(box.take('b', undefined)).toEqual(note('b', 2));
  });

  const TAGS = ['a', 'b', 'c', 'd', 'e', 'f'];
  const wants: readonly Want[] = [
    undefined,
    'a',
    'b',
    'f',
    tagSet(undefined, 'b', 'a'),
    tagSet(undefined, 'd', 'c', 'f', 'e'),
    largeTagSet(['f', 'e', 'd', 'c', 'b']),
  ];
  const want = fc.constantFrom(...wants);
  const modulus = fc.constantFrom(undefined, undefined, 2, 7, 1000);
  const pushes = fc.constantFrom(1, 2, 3, 70, CHUNK, 700);
  const takes = fc.constantFrom(1, 2, 3, 10, 150);
  const action = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('push' as const), count: pushes, tag: fc.nat(5) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('mix' as const), count: pushes, tag: fc.nat(5) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('take' as const), count: takes, want, modulus }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), count: takes, want, modulus }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), modulus: fc.nat(9) }) },
  );

  property(
    'gives what searching an array gives, whatever is pushed, taken, awaited and removed',
    fc.asyncProperty(fc.array(action, { maxLength: 20 }), async (actions) => {
      const box = new Mailbox();
      const model: Note[] = [];
      let pushed = 0;
      const push = (tag: number): void => {
        const message = note(TAGS[tag % TAGS.length] as string, pushed++);
        box.push(message);
        model.push(message);
      };
      const takeFromModel = (is: (message: Note) => boolean): Note | undefined => {
        const at = model.findIndex(is);
        return at === -1 ? undefined : model.splice(at, 1)[0];
      };
      for (const step of actions) {
        if (step.do === 'push') {
          for (let i = 0; i < step.count; i++) push(step.tag);
        } else if (step.do === 'mix') {
          for (let i = 0; i < step.count; i++) push(step.tag + i * i);
        } else if (step.do === 'remove') {
          const is = (message: Note) => message.n % 10 === step.modulus;
          expect(box.removeFirst(is as never)).toBe(takeFromModel(is));
        } else {
          const { want, modulus } = step;
          const guard =
            modulus === undefined ? undefined : (message: Note) => message.n % modulus === 0;
          const is = (message: Note) => accepts(want, message) && (guard?.(message) ?? true);
          for (let i = 0; i < step.count; i++) {
            let taken = box.take(want, guard as Guard | undefined);
            // A receive that waits looks again when something has come.
            for (let late = 0; step.do === 'wait' && taken === undefined && late < 3; late++) {
              if (model.some(is)) expect.fail('missed what was there');
              push(i + late);
              taken = box.takeNew(want, guard as Guard | undefined);
            }
            if (taken !== takeFromModel(is)) expect.fail(`took ${JSON.stringify(taken)}`);
          }
        }
        expect(box.length).toBe(model.length);
        expect(box.toArray().every((message, i) => message === model[i])).toBe(true);
      }
    }),
  );
});

test('an overflow that finds nothing to drop does not let a receive that gave way pass over what waits', () => {
  const box = new Mailbox(1);
  const exit = { tag: 'EXIT' };
  box.push(exit);
  box.rewind();
  expect(box.removeFirst(({ tag }) => tag !== 'EXIT')).toBeUndefined();
  box.push({ tag: 'a' });
  expect(box.takeNew(undefined, undefined)).toBe(exit);
});
