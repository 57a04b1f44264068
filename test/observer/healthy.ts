/**
 * Loaded before a program: has the doctor examine each of its systems ten times a second, and writes at the end what
 * was found into the file that `BEAMISH_FOUND` names. Not a test.
 */

import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { observe } from '@beamish/observer';
import { onSystem } from 'beamish/observation';

const OFTEN_MS = 100;

// Threads are seen from the main one.
if (isMainThread) {
  let [systems, examined] = [0, 0];
  const found = new Set<string>();
  onSystem((system) => {
    systems++;
    const observer = observe(system, { messages: 'always' });
    const examine = async () => {
      const findings = await observer.doctor();
      examined++;
      for (const { rule, summary } of findings) found.add(`${rule}: ${summary}`);
    };
    const examineOften = async () => {
      try {
        for (;;) {
          await examine();
          await setTimeout(OFTEN_MS, undefined, { ref: false });
        }
      } catch {
        // The system has ended: it cannot be observed any more.
      }
    };
    void examineOften();
  });
  process.on('exit', () => {
    const file = process.env['BEAMISH_FOUND'];
    if (file !== undefined)
      writeFileSync(file, JSON.stringify({ systems, examined, found: [...found] }));
  });
}
