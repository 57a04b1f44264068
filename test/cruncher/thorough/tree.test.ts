/** The thorough algorithm in the tree of actors: nothing is lost when a cruncher crashes. */

import { ActorSystem } from 'beamish';
import { generator } from 'beamish/testing';
import { expect, test } from 'vitest';
import type { Fault } from '../../../examples/cruncher/src/cruncher.ts';
import { UPLOADER } from '../../../examples/cruncher/src/messages.ts';
import { crunching } from '../../../examples/cruncher/src/tree.ts';
import { type Contents, memoryFiles } from '../memory-files.ts';

const MAIL = 'From: ann@x.org\nTo: ben@x.org\nContent-Transfer-Encoding: base64\n\n';
const CONTENTS: Contents = {
  'a.eml': `${MAIL}${Buffer.from('cem [at] x.org').toString('base64')}\n`,
  'text.txt': Array.from({ length: 200 }, (_, i) => `line ${i}: p${i % 7}&#64;x.org\n`).join(''),
  'page.html': `<!doctype html>${'<p>ann<b>@</b>x.org</p>\n'.repeat(40)}`,
  'utf-16.txt': `\xff\xfe${[...'ann@x.org\n'].join('\0')}\0`,
};

test('30 runs with crunchers crashing at random print what an undisturbed run prints', async () => {
  let calls = 0;
  const undisturbed = await linesOf(() => void calls++);
  expect(undisturbed).toEqual([
    'a.eml  3 found  3 new  3 in total',
    'text.txt  200 found  7 new  203 in total',
    'page.html  40 found  0 new  243 in total',
    'utf-16.txt  1 found  0 new  244 in total',
  ]);
  for (let seed = 1; seed <= 30; seed++) {
    const random = generator(seed);
    const places = new Set(Array.from({ length: 3 }, () => Math.floor(random() * calls)));
    const deaths = new Map<number, number>();
    let call = 0;
    let crashes = 0;
    const lines = await linesOf((seq) => {
      const died = deaths.get(seq) ?? 0;
      if (!places.has(call++) || died === 2) return;
      deaths.set(seq, died + 1);
      crashes++;
      throw new Error('crash');
    });
    expect(lines, `seed ${seed}`).toEqual(undisturbed);
    expect(crashes, `seed ${seed}`).toBeGreaterThan(0);
  }
});

/** What a run prints of each file. It takes real time: mail is decoded by what has its own. */
async function linesOf(fault: Fault): Promise<string[]> {
  const system = new ActorSystem({ name: 'cruncher', log: 'off' });
  const files = memoryFiles(CONTENTS);
  const lines: string[] = [];
  const print = (printed: string) => void lines.push(printed.trimEnd().replace(/ {2,}/g, '  '));
  await system.start(
    crunching({
      algorithm: 'thorough',
      status: {
        output: {
          look: { colour: false, columns: 80 },
          isTerminal: false,
          failed: new Promise(() => {}),
          print,
          complain: print,
          progress() {},
          finish: async () => undefined,
        },
        format: 'report',
        top: 0,
        showsProgress: false,
        now: () => 0,
      },
      uploader: { files, chunkBytes: 256 },
      fault,
    }),
  );
  await system.call(UPLOADER, { tag: 'upload', paths: files.paths }).within('infinity');
  await system.shutdown();
  return lines;
}
