/** Records of addresses as texts, and texts as records. */

import { findAddresses } from '../../examples/cruncher/src/addresses.ts';
import { eachOf, type Records, RecordWriter } from '../../examples/cruncher/src/records.ts';
import type { ScanState } from '../../examples/cruncher/src/scan-state.ts';

/** The addresses that are found in some bytes, in order, with repetitions. */
export function addressesIn(bytes: Uint8Array, from: ScanState = 'nothing'): string[] {
  findAddresses(bytes, from, writer);
  return writer.length === 0 ? [] : textsOf(writer.take());
}

// One for millions of short texts.
const writer = new RecordWriter();

export function textsOf(records: Records): string[] {
  const texts: string[] = [];
  eachOf(records, (bytes, start, end) => texts.push(bytes.toString('latin1', start, end)));
  return texts;
}

export function recordsOf(...addresses: readonly string[]): Records {
  const writer = new RecordWriter();
  for (const address of addresses) {
    writer.address(Buffer.from(address), 0, address.indexOf('@') + 1, address.length);
  }
  return writer.take();
}
