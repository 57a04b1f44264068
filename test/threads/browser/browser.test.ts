/** Threads of a browser: the same contract as those of Node, in a real one; and what a browser cannot do, it says. */

import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../../support/browser.ts';
import type { Outcome } from './vitest-there.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const LONG = 120_000;

describe.skipIf(isBrowserMissing)('threads of a browser', { timeout: LONG }, () => {
  let browser: Browser;
  let server: Server;
  let url = '';

  beforeAll(async () => {
    const files = await bundled();
    server = createServer(({ url: path = '/' }, response) => {
      const name = path.replace(/\?.*/, '');
      const body =
        name === '/' || name === '/isolated'
          ? '<!doctype html><title>Threads</title>'
          : files.get(name);
      if (body === undefined) return void response.writeHead(404).end();
      const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(200, {
        'Content-Type': type,
        // Only such a page shares memory with its workers.
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
        'Cross-Origin-Resource-Policy': 'same-origin',
      });
      response.end(body);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await openBrowser();
  }, LONG);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  }, LONG);

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(url);
    await page.addScriptTag({ type: 'module', url: 'contract-page.js' });
    await page.waitForFunction('globalThis.runAll !== undefined');
    return page;
  }

  test('keep the contract of transports', async () => {
    const page = await open();
    const outcomes = (await page.evaluate('runAll()')) as Outcome[];
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(40);
    await page.close();
  });

  test('refuse what a browser cannot do, and what nobody can', async () => {
    const page = await open();
    const refused = (options: string): Promise<unknown> =>
      page.evaluate(
        `threads(new ActorSystem({ log: 'off' }), ${options}).then(() => 'begun', (error) => error.name + ': ' + error.message)`,
      );
    expect(await refused('{ resourceLimits: {} }')).toMatch(/^TypeError: Cannot limit the memory/);
    expect(await refused('{ size: 0 }')).toMatch(/^RangeError: Cannot start 0 threads/);
    expect(await refused('{ sise: 1 }')).toMatch(/^TypeError: .*"sise"/);
    expect(await refused('{ stallMs: 1 }')).toMatch(/^RangeError: /);
    expect(await refused(`{ size: 1, worker: 'nowhere.js' }`)).toMatch(
      /^Error: Thread thread-1 failed/,
    );
    await page.close();
  });

  test('are started again when they are killed, reach each other, and end with their system', async () => {
    const page = await open();
    const seen = await page.evaluate(`(async () => {
      const system = new ActorSystem({ log: 'off' });
      const cores = await threads(system, { size: 2 });
      const echo = { module: new URL('bodies.js', location.href).href, exportName: 'echo', body() {} };
      const ask = async (thread) => {
        const pid = system.spawn(cores.at(echo, { thread }));
        return [pid.system, (await system.call(pid, { tag: 'say', value: thread })).value ?? 'said'];
      };
      const before = [await ask(0), await ask(1)];
      cores.kill(0);
      await new Promise((resolve) => system.events.on('system_up', resolve));
      const after = [await ask(0), await ask(1)];
      await cores.close();
      return { before: before.map(([s]) => s), after: after.map(([s]) => s), size: cores.systems.length };
    })()`);
    expect(seen).toEqual({
      before: ['thread-1', 'thread-2'],
      after: ['thread-1', 'thread-2'],
      size: 2,
    });
    await page.close();
  });
});

/** By path. */
async function bundled(): Promise<ReadonlyMap<string, string>> {
  const vitest = createRequire(createRequire(import.meta.url).resolve('vitest/package.json'));
  const { outputFiles } = await build({
    entryPoints: {
      'contract-page': here('contract-page.ts'),
      bodies: here('../../contract/bodies.ts'),
      'browser-worker': here('../../../packages/threads/src/browser-worker.ts'),
    },
    outdir: '/',
    bundle: true,
    splitting: true,
    // Stacks tell where a body is.
    chunkNames: 'bodies-[hash]',
    format: 'esm',
    write: false,
    target: 'es2022',
    conditions: ['beamish-source'],
    alias: {
      vitest: here('vitest-there.ts'),
      'expect-of-vitest': vitest.resolve('@vitest/expect'),
      'chai-of-vitest': createRequire(vitest.resolve('@vitest/expect')).resolve('chai'),
      'node:util': here('node-util-there.ts'),
    },
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}
