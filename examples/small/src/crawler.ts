/** Visits every page that can be reached from one, four at a time. A page that fails fails alone. */

import { type Actor, ActorSystem, CallFailed, pool, type Self } from 'beamish';

/** Stands for the web. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  '/': ['/docs', '/blog', '/about'],
  '/docs': ['/docs/actors', '/docs/links', '/'],
  '/docs/actors': ['/docs/links'],
  '/docs/links': ['/docs/lost'],
  '/blog': ['/blog/1', '/blog/2'],
  '/blog/1': ['/blog/2'],
  '/blog/2': ['/'],
  '/about': [],
};

function* fetchLinks(self: Self, url: string): Actor<readonly string[]> {
  yield* self.sleep(5);
  const links = PAGES[url];
  if (links === undefined) throw new Error('404');
  return links;
}

await using system = new ActorSystem({ log: 'off' });
const fetchers = await system.start(pool({ size: 4, worker: fetchLinks }));

const seen = new Set<string>();
const broken: string[] = [];

async function visit(url: string): Promise<void> {
  if (seen.has(url)) return;
  seen.add(url);
  try {
    const links = await pool.run(system, fetchers, url);
    await Promise.all(links.map(visit));
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    broken.push(url);
  }
}

await visit('/');
console.log(`${seen.size} pages, ${broken.length} broken: ${broken.join(' ')}`);
