/** The trie of topic patterns against a matcher that says the rule, and against hostile patterns. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TopicTrie } from '../../../packages/exchange/src/memory/topic-trie.ts';
import { property } from '../../support/property.ts';

/** The rule itself: exponential in the number of `#`, and plainly right. */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return key.length === 0;
  if (first === '#')
    return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)));
  return key.length > 0 && (first === '*' || first === key[0]) && matches(rest, key.slice(1));
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split('.');
}

function found(trie: TopicTrie<string>, key: string): readonly string[] {
  return [...new Set(trie.match(key))].sort();
}

const word = fc.constantFrom('a', 'b', '', 'ab');
const pattern = fc
  .array(fc.oneof(word, fc.constantFrom('*', '#')), { maxLength: 6 })
  .map((all) => all.join('.'));
const key = fc
  .array(fc.oneof(word, fc.constantFrom('*', '#')), { maxLength: 6 })
  .map((all) => all.join('.'));

property(
  'patterns find the keys that the rule finds, whatever else is bound and was unbound',
  fc.asyncProperty(
    fc.array(pattern, { minLength: 1, maxLength: 20 }),
    fc.array(fc.nat(), { maxLength: 10 }),
    fc.array(key, { minLength: 1, maxLength: 50 }),
    async (patterns, unbound, keys) => {
      const trie = new TopicTrie<string>();
      const bound = [...new Set(patterns)];
      for (const each of bound) trie.add(each, each);
      for (const i of unbound) {
        const [gone] = bound.splice(i % (bound.length || 1), 1);
        if (gone !== undefined) trie.remove(gone, gone);
      }
      for (const each of keys) {
        const expected = bound.filter((its) => matches(words(its), words(each))).sort();
        expect(found(trie, each)).toEqual(expected);
      }
    },
  ),
);

test('what was unbound leaves nothing behind: a trie that is empty again finds nobody', () => {
  const trie = new TopicTrie<string>();
  const patterns = ['a.#.b', '#', '*.*', 'a.b', 'a.#.#.b', ''];
  for (const each of patterns) trie.add(each, 'q');
  for (const each of patterns) trie.remove(each, 'q');
  trie.remove('never.bound', 'q');
  for (const each of ['', 'a', 'a.b', 'a.x.b']) expect(found(trie, each)).toEqual([]);
});

test('a pattern that is hostile to recursion takes steps as many as words times nodes', () => {
  const trie = new TopicTrie<string>();
  trie.add('#.a.#.a.#.a.#.a.#.b', 'hostile');
  // Recursion over # would take some 10^11 steps for this, so that the test would not end.
  const long = Array.from({ length: 2000 }, () => 'a').join('.');
  expect(found(trie, long)).toEqual([]);
  expect(found(trie, `${long}.b`)).toEqual(['hostile']);
});
