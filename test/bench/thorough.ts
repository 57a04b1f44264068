/**
 * The two algorithms of the cruncher side by side, on files of yours:
 *
 *     npx tsx test/bench/thorough.ts FILE...
 *
 * Both find and count what is in the same chunks, as plain text, in turn: of a file that is read, and of
 * one that is in memory. What is measured is the time of the processor, so that a busy machine does not
 * matter much. The thorough one is to be at least a tenth as fast.
 */

import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { cpus } from 'node:os';
import { findAddresses } from '../../examples/cruncher/src/addresses.ts';
import { CHUNK_BYTES } from '../../examples/cruncher/src/chunks.ts';
import { RecordWriter } from '../../examples/cruncher/src/records.ts';
import { Tally } from '../../examples/cruncher/src/tally.ts';
import { Findings } from '../../examples/cruncher/src/thorough/findings.ts';
import { findInPlain } from '../../examples/cruncher/src/thorough/thorough.ts';
import { ratios, summarise } from './statistics.ts';

const ROUNDS = 7;
const MOST_BYTES = 200_000_000;
const LINE_FEED = 0x0a;

/** Finds and counts what is in some chunks; says how many distinct addresses there are. */
type Algorithm = (chunks: Iterable<Buffer>) => number;

const fast: Algorithm = (chunks) => {
  const writer = new RecordWriter();
  const tally = new Tally();
  for (const chunk of chunks) {
    findAddresses(chunk, 'nothing', writer);
    tally.add(writer.take());
  }
  return tally.size;
};

const thorough: Algorithm = (chunks) => {
  const findings = new Findings();
  for (const chunk of chunks) findInPlain(chunk, findings);
  return [...findings.addresses()].length;
};

const paths = process.argv.slice(2);
if (paths.length === 0) throw new Error('Name the files to read');
console.log(`${cpus()[0]?.model} × ${cpus().length}, Node ${process.versions.node}`);
for (const path of paths) {
  const bytes = readFileSync(path).subarray(0, MOST_BYTES);
  const lines = chunksOf(bytes);
  console.log(`\n${path}: ${Math.round(bytes.length / 1e6)} MB`);
  console.log(`  distinct addresses: fast ${fast(lines)}, thorough ${thorough(lines)}`);
  compare('read', bytes.length, () => reading(path));
  compare('in memory', bytes.length, () => lines);
}

function compare(where: string, bytes: number, chunks: () => Iterable<Buffer>): void {
  const times: Record<'fast' | 'thorough', number[]> = { fast: [], thorough: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const [fastMs, thoroughMs] = [time(() => fast(chunks())), time(() => thorough(chunks()))];
    if (round === 0) continue; // warms up
    times.fast.push(fastMs);
    times.thorough.push(thoroughMs);
  }
  const { median, min, max } = summarise(ratios(times.thorough, times.fast));
  console.log(`  ${where}:`);
  console.log(`    fast      ${shown(times.fast, bytes)}`);
  console.log(`    thorough  ${shown(times.thorough, bytes)}`);
  console.log(`    time × ${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`);
}

function* reading(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (let total = 0; total < MOST_BYTES; ) {
    const length = readSync(file, buffer, 0, buffer.length, null);
    if (length === 0) break;
    yield buffer.subarray(0, length);
    total += length;
  }
  closeSync(file);
}

/** Of the size of those that crunchers get, each to the end of a line. */
function chunksOf(bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const lineEnd = bytes.lastIndexOf(LINE_FEED, start + CHUNK_BYTES - 1) + 1;
    const end = lineEnd > start ? lineEnd : start + CHUNK_BYTES;
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
}

function time(work: () => void): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

function shown(times: readonly number[], bytes: number): string {
  const { median, min, max } = summarise(times);
  const spread = `${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)})`;
  return `${spread}, ${Math.round(bytes / 1000 / median)} MB/s`;
}
