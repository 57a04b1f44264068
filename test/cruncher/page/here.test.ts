/** The page in the browser alone: the same crunchers and the same status, and nothing leaves the browser. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../../support/browser.ts';
import { FROM_SOURCE } from '../../support/from-source.ts';
import { complaints, openPage, startProgram } from './browser.ts';

const LONG = { timeout: 90_000 };
const SOON = { timeout: 30_000 };
const SECRET = 'jane@secret.example wrote to "b b"@secret.example, jane@secret.example.';

describe.skipIf(isBrowserMissing)('in the browser alone', LONG, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, LONG.timeout);
  afterAll(() => browser?.close(), LONG.timeout);

  test('what is given to it is counted, and nothing of it is sent anywhere', async () => {
    const program = await startProgram();
    onTestFinished(() => program.stop());
    const page = await openPage(browser, program.url);
    const sent: string[] = [];
    page.context().on('request', (request) => {
      // Of the page's own, its code is loaded, and the feed of the server was open before.
      const { protocol, pathname } = new URL(request.url());
      if (protocol === 'blob:' || /\.js$/.test(pathname)) return;
      sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`);
    });
    await page.getByRole('radio', { name: 'Here' }).check();
    await page.locator('#link', { hasText: 'In this browser alone' }).waitFor();
    await crunches(page);
    expect(sent).toEqual([]);
    // The server knows nothing of it.
    await page.getByRole('radio', { name: 'On the server' }).check();
    await page.locator('#link', { hasText: 'Live' }).waitFor();
    await expect.poll(() => counter(page), SOON).toBe(0);
    // And what was here is still here.
    await page.getByRole('radio', { name: 'Here' }).check();
    await expect.poll(() => counter(page), SOON).toBe(40_002);
    expect(complaints.splice(0)).toEqual([]);
    await page.context().close();
  });

  test('it is static files, which work from any server, in any folder of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'static-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const write = fileURLToPath(
      new URL('../../../examples/cruncher/src/services/page/write.ts', import.meta.url),
    );
    const args = [...FROM_SOURCE, write];
    expect(spawnSync(process.execPath, [...args, folder], { stdio: 'inherit' }).status).toBe(0);
    const server = createServer(({ url = '/' }, response) => {
      const name = /^\/some\/where\/([\w.-]*)$/.exec(url)?.[1];
      if (name === undefined) return void response.writeHead(404).end();
      const type = /\.(\w+)$/.exec(name || 'index.html')?.[1] ?? '';
      const types: Record<string, string> = {
        js: 'text/javascript',
        css: 'text/css',
        html: 'text/html',
        svg: 'image/svg+xml',
      };
      response.writeHead(200, { 'Content-Type': types[type] });
      response.end(readFileSync(join(folder, name || 'index.html')));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${port}/some/where/`);
    await page.locator('#link', { hasText: 'In this browser alone' }).waitFor();
    expect(await page.locator('#where').isVisible()).toBe(false);
    await crunches(page);
    expect(complaints.splice(0)).toEqual([]);
    await context.close();
  });
});

/** Pastes, gives a file, and crashes a cruncher in the middle of it. */
async function crunches(page: Page): Promise<void> {
  await page.fill('#text', SECRET);
  await page.click('#upload');
  await expect
    .poll(() => text(page, '#told'), SOON)
    .toBe('Pasted text: 3 emails (fast 2, thorough 3)');
  expect(await counter(page)).toBe(2);
  const lines = Array.from({ length: 40_000 }, (_, i) => `u${i % 500}@d${i % 7}.example`);
  await page.setInputFiles('#files', [
    { name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from(lines.join('\n')) },
  ]);
  await page.getByRole('button', { name: 'Crash thorough' }).click();
  await expect.poll(() => text(page, '#told'), SOON).toContain('list.txt: 40,000 emails');
  expect(await counter(page)).toBe(40_002);
  expect(await text(page, '#by-thorough')).toBe('40,003');
  await expect.poll(() => text(page, '#tree'), SOON).toMatch(/thorough.*↻ 1/);
}

async function text(page: Page, selector: string): Promise<string> {
  return (await page.textContent(selector)) ?? '';
}

async function counter(page: Page): Promise<number> {
  return Number((await text(page, '#counter')).replaceAll(',', ''));
}
