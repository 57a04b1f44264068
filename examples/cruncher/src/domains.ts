// Which domains addresses have: counted once, when all addresses are known, and not with each that is found.

import { eachOf, RecordWriter } from './records.ts';
import { Tally } from './tally.ts';

const AT_SIGN = 0x40;
/** Domains on their way into a tally. */
const WORDS_AT_A_TIME = 16_000;
/**
 * One tally of many domains was slow, as each look at it was at another place of a large memory. Several
 * are small, and what is added to one of them at a time finds all of it near.
 */
const TALLIES = 64;
/** How many domains may wait to be sorted: to sort all would take longer than to count them. */
const CANDIDATES = 1000;

export interface DomainCount {
  readonly domain: string;
  readonly count: number;
}

/** The domains with the most addresses, most first, then by name, and how many others there are. */
export interface Domains {
  readonly first: readonly DomainCount[];
  readonly others: number;
}

/** So many of the domains of some addresses, repetitions counted. */
export function domainsOf(addresses: Tally, most: number): Domains {
  const tallies = counted(addresses);
  let first: DomainCount[] = [];
  let leastCount = 0;
  const shorten = () => {
    first = first.sort(byCountAndName).slice(0, most);
    leastCount = first[most - 1]?.count ?? 0;
  };
  for (const tally of tallies) {
    for (const records of tally.records) {
      eachOf(records, (bytes, start, end, count) => {
        if (count < leastCount) return;
        first.push({ domain: bytes.toString('latin1', start, end), count });
        if (first.length > most + CANDIDATES) shorten();
      });
    }
  }
  shorten();
  const distinct = tallies.reduce((sum, { size }) => sum + size, 0);
  return { first, others: distinct - first.length };
}

/** Every domain, in one of the tallies. */
function counted(addresses: Tally): Tally[] {
  const tallies = Array.from({ length: TALLIES }, () => new Tally());
  const writers = tallies.map(() => new RecordWriter());
  for (const records of addresses.records) {
    eachOf(records, (bytes, start, end, times) => {
      const domain = domainStart(bytes, start, end);
      const which = tallyOf(bytes, domain, end);
      const writer = writers[which] as RecordWriter;
      writer.text(bytes, domain, end, times);
      if (writer.length > WORDS_AT_A_TIME) (tallies[which] as Tally).add(writer.take());
    });
  }
  for (const [i, writer] of writers.entries()) (tallies[i] as Tally).add(writer.take());
  return tallies;
}

/** After the last `@`: in quotes there may be others before it. */
function domainStart(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] !== AT_SIGN) at--;
  return at;
}

/** The same for the same domain. Whether they are shared out evenly matters for the speed alone. */
function tallyOf(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] as number;
  const middle = bytes[(start + end) >> 1] as number;
  return (first * 31 + middle * 7 + end - start) % TALLIES;
}

function byCountAndName(a: DomainCount, b: DomainCount): number {
  return b.count - a.count || (a.domain < b.domain ? -1 : 1);
}
