// What was found in an input, counted.

import type { Rule } from './rules.ts';
import type { Finding } from './running-text.ts';

export class Findings {
  readonly #addresses = new Map<string, Count>();
  readonly #leftOut = new Map<Rule, Count>();

  /** Each address, and how often it was found. */
  *addresses(): Generator<readonly [address: string, times: number], void> {
    for (const [address, { times }] of this.#addresses) yield [address, times];
  }

  /** Each rule, and how often something broke it that looked like an address. */
  *leftOut(): Generator<readonly [rule: Rule, times: number], void> {
    for (const [rule, { times }] of this.#leftOut) yield [rule, times];
  }

  add(finding: Finding): void {
    if ('address' in finding) this.address(finding.address);
    else this.leave(finding.broken, 1);
  }

  address(address: string): void {
    const known = this.#addresses.get(address);
    if (known === undefined) this.#addresses.set(copyOf(address), { times: 1 });
    else known.times++;
  }

  leave(broken: Rule, times: number): void {
    const known = this.#leftOut.get(broken);
    if (known === undefined) this.#leftOut.set(broken, { times });
    else known.times += times;
  }
}

/** An object, for to look a text up takes longer than to count it. */
interface Count {
  times: number;
}

/** A text of its own: a part of another one would keep all of that in memory. */
function copyOf(text: string): string {
  return decoder.decode(encoder.encode(text));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
