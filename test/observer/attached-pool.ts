/** A program with a thread, that `attach` runs: asks who observes it which systems there are. Not a test. */

import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { threads } from '@beamish/threads';
import { ActorSystem } from 'beamish';
import { summer } from './threads-bodies.ts';

const system = new ActorSystem({ name: 'app', log: 'off' });
const pool = await threads(system, { size: 1 });
pool.spawn(summer);
const folder = join(tmpdir(), `beamish-observer-${userInfo().uid}`);
const address = async (): Promise<URL> => {
  for (;;) {
    try {
      const file = readdirSync(folder).find((its) => its === `${process.pid}.json`);
      if (file !== undefined)
        return new URL(JSON.parse(readFileSync(join(folder, file), 'utf8')).url);
    } catch {
      // It is not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const { origin, searchParams } = await address();
const ending = new AbortController();
const { body } = await fetch(`${origin}/events`, {
  headers: { authorization: `Bearer ${searchParams.get('token')}` },
  signal: ending.signal,
});
const systems = new Set<string>();
let told = '';
for await (const chunk of (body as ReadableStream<Uint8Array>).pipeThrough(
  new TextDecoderStream() as never,
) as unknown as AsyncIterable<string>) {
  told += chunk;
  for (const [, name] of told.matchAll(/"system":"([^"]+)","incarnation"/g))
    systems.add(name as string);
  if (systems.has('thread-1')) break;
}
console.log(JSON.stringify([...systems].sort()));
ending.abort();
await system.shutdown();
process.exit(0);
