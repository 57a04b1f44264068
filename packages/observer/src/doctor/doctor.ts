/** Looks at samples as they come, and tells what is or will be wrong, and when it is over. */

import type { Finding } from '../terms/happening.ts';
import { ActorRules } from './actor-rules.ts';
import { MailboxRules } from './mailbox-rules.ts';
import { type Asking, findingOf, type Sample } from './symptoms.ts';
import { SystemRules } from './system-rules.ts';

const RANKS = { error: 0, warning: 1, hint: 2 } as const;

export interface Judgement {
  /** Worst first. */
  readonly findings: readonly Finding[];
  /** Those that were not there before. */
  readonly found: readonly Finding[];
  /** Those that are over. */
  readonly mended: readonly Finding[];
}

export class Doctor {
  readonly #mailboxes = new MailboxRules();
  readonly #actors = new ActorRules();
  readonly #systems = new SystemRules();
  readonly #known = new Map<string, Finding>();

  async judge(sample: Sample, asking: Asking): Promise<Judgement> {
    const symptoms = [
      ...(await this.#actors.judge(sample, asking)),
      ...(await this.#mailboxes.judge(sample, asking)),
      ...this.#systems.judge(sample),
    ];
    const found: Finding[] = [];
    const keys = new Set(symptoms.map(({ key }) => key));
    const mended: Finding[] = [];
    for (const [key, finding] of this.#known) {
      if (keys.has(key)) continue;
      this.#known.delete(key);
      mended.push(finding);
    }
    for (const symptom of symptoms) {
      const known = this.#known.get(symptom.key);
      const finding = findingOf(symptom, known?.since ?? sample.now);
      if (known?.severity !== finding.severity) found.push(finding);
      this.#known.set(symptom.key, finding);
    }
    return { findings: this.findings(), found, mended };
  }

  /** Worst first, then the oldest. */
  findings(): readonly Finding[] {
    return [...this.#known.values()].sort(
      (a, b) => RANKS[a.severity] - RANKS[b.severity] || a.since - b.since,
    );
  }
}
