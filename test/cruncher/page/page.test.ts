/** The page as people use it: in a browser, with the program behind it. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../../support/browser.ts';
import type { Program } from './browser.ts';
import { complaints, openPage, startProgram } from './browser.ts';

const LONG = { timeout: 90_000 };
const SOON = { timeout: 30_000 };
/** The example of the reference: three addresses. */
const EXAMPLE = 'john@example.org wrote to "jane doe" <jane@example.org>, not to me@home.example.';

let browser: Browser;
if (!isBrowserMissing) {
  beforeAll(async () => {
    browser = await openBrowser();
  }, LONG.timeout);
  afterAll(() => browser?.close(), LONG.timeout);
}

describe.skipIf(isBrowserMissing)('the page', LONG, () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram('--notify-domain', 'home.example', '--name', 'me');
  }, LONG.timeout);
  afterAll(() => program?.stop(), LONG.timeout);
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  const open = (options = {}): Promise<Page> => openPage(browser, program.url, options);

  test('A1 what is pasted counts, and counts again when it is given again', async () => {
    const page = await open();
    const before = await counter(page);
    await paste(page, EXAMPLE);
    await expect.poll(() => counter(page), SOON).toBe(before + 3);
    await expect.poll(() => told(page), SOON).toBe('Pasted text: 3 emails (fast 3, thorough 3)');
    await page.click('#upload');
    await expect.poll(() => counter(page), SOON).toBe(before + 6);
    // Whose address it is has been told, and once.
    await expect.poll(() => text(page.locator('#notices')), SOON).toContain('me@home.example');
    await expect.poll(() => text(page.locator('#notices')), SOON).toContain('delivered');
  });

  test('D6 a notifier can be stopped, which unsubscribes its person, and started again', async () => {
    const page = await open();
    const notices = page.locator('#notices');
    await page.fill('#notify-name', 'Zoe');
    await page.getByRole('button', { name: 'Start a notifier' }).click();
    const stop = page.getByRole('button', { name: 'Stop the notifier of zoe' });
    await stop.waitFor();
    await stop.click();
    const start = page.getByRole('button', { name: 'Start the notifier of zoe' });
    await start.waitFor();
    expect(await text(page.locator('#notify-told'))).toBe('zoe is unsubscribed');
    await paste(page, 'zoe@home.example');
    const row = notices.locator('li', { hasText: 'zoe' });
    await expect.poll(() => text(row), SOON).toContain('waits for its notifier');
    await start.click();
    await expect.poll(() => text(row), SOON).toContain('delivered');
    await page.fill('#notify-name', 'no name');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => text(page.locator('#notify-told')), SOON)
      .toBe('"no name" is nothing that stands before an @');
    // A browser writes down that something was refused.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  test('A3 a text without any address says 0, and the counter stays', async () => {
    const page = await open();
    const before = await counter(page);
    await paste(page, 'none');
    await expect.poll(() => told(page), SOON).toBe('Pasted text: 0 emails');
    expect(await counter(page)).toBe(before);
  });

  test('files that are picked are uploaded, and each has a bar for each cruncher', async () => {
    const page = await open();
    const before = await counter(page);
    await page.setInputFiles('#files', [
      { name: 'one.txt', mimeType: 'text/plain', buffer: Buffer.from('a@one.example') },
      { name: 'two.eml', mimeType: 'message/rfc822', buffer: Buffer.from(MAIL) },
    ]);
    await expect.poll(() => text(file(page, 'two.eml')), SOON).toMatch(/fast1thorough2$/);
    await expect.poll(() => counter(page), SOON).toBe(before + 2);
    expect(await text(file(page, 'one.txt'))).toMatch(/^one\.txt13 B.*fast1thorough1$/);
  });

  test('files that are dropped are uploaded, and until then it says where they would go', async () => {
    const page = await open();
    const before = await counter(page);
    const transfer = await page.evaluateHandle(
      `(() => { const t = new DataTransfer(); t.items.add(new File(['d@drop.example'], 'dropped.txt')); return t; })()`,
    );
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
    await expect.poll(() => page.locator('#drop').isVisible()).toBe(true);
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    expect(await page.locator('#drop').isVisible()).toBe(false);
    await expect.poll(() => counter(page), SOON).toBe(before + 1);
    await expect.poll(() => text(file(page, 'dropped.txt')), SOON).toContain('fast1thorough1');
  });

  test('a folder that is dropped is uploaded with all that is in it, however deep', async () => {
    const page = await open();
    const before = await counter(page);
    const folder = mkdtempSync(join(tmpdir(), 'dropped-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'mail', 'old'), { recursive: true });
    writeFileSync(join(folder, 'mail', 'new.txt'), 'a@folder.example');
    writeFileSync(join(folder, 'mail', 'old', '1997.txt'), 'b@folder.example c@folder.example');
    // As the browser is told by the system: a page cannot make a folder.
    const devtools = await page.context().newCDPSession(page);
    const data = { items: [], files: [join(folder, 'mail')], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data });
    await expect.poll(() => counter(page), SOON).toBe(before + 3);
    await expect.poll(() => text(file(page, 'mail/new.txt')), SOON).toContain('fast1');
    await expect.poll(() => text(file(page, 'mail/old/1997.txt')), SOON).toContain('fast2');
  });

  test('after a reload in the middle the counter goes on where it was, and two pages show the same', async () => {
    const page = await open();
    const before = await counter(page);
    await page.setInputFiles('#files', [large('reloaded.txt', 10_000)]);
    await expect.poll(() => counter(page), SOON).toBeGreaterThan(before);
    await page.reload();
    const other = await open();
    await expect.poll(() => counter(page), SOON).toBe(before + 10_000);
    await expect.poll(() => counter(other), SOON).toBe(before + 10_000);
    expect(await text(other.locator('#domains'))).toBe(await text(page.locator('#domains')));
  });

  test('a cruncher that is crashed in the middle is started again, and the totals are right', async () => {
    const page = await open();
    const before = await counter(page);
    const thorough = await figure(page, '#by-thorough');
    await page.setInputFiles('#files', [large('crashed.txt', 20_000)]);
    await expect.poll(() => figure(page, '#by-thorough'), SOON).toBeGreaterThan(thorough);
    await page.getByRole('button', { name: 'Crash thorough' }).click();
    await expect.poll(() => text(page.locator('#tree')), SOON).toMatch(/thorough.*↻ 1/);
    await page.getByRole('button', { name: 'Crash fast' }).click();
    await expect.poll(() => counter(page), SOON).toBe(before + 20_000);
    await expect.poll(() => figure(page, '#by-thorough'), LONG).toBe(thorough + 20_000);
  });

  test('the tree shows who there is, what each waits for, and in which thread', async () => {
    const page = await open();
    const tree = page.locator('#tree');
    for (const name of [
      'broker',
      'status',
      'crunchers',
      'fast',
      'thorough',
      'notifiers',
      'me',
      'desk',
    ])
      await expect.poll(() => tree.getByText(name, { exact: true }).count()).toBeGreaterThan(0);
    await expect.poll(() => text(tree), SOON).toMatch(/waits for delivery/);
    await expect.poll(() => text(tree), SOON).toMatch(/fastthread-1.*thoroughthread-2/);
    const below = page.getByRole('button', { name: /actors below/ });
    expect(await below.getAttribute('aria-expanded')).toBe('false');
    await below.click();
    await expect.poll(() => text(tree), SOON).toContain('cruncher.status');
  });

  test('an upload can be cancelled while it is crunched, and what was counted stays', async () => {
    const page = await open();
    const before = await counter(page);
    await page.setInputFiles('#files', [large('cancelled.txt', 300_000)]);
    await expect.poll(() => counter(page), SOON).toBeGreaterThan(before);
    await page.getByRole('button', { name: 'Cancel cancelled.txt' }).click();
    await expect.poll(() => text(file(page, 'cancelled.txt')), SOON).toContain('cancelled');
    await expect
      .poll(() => page.getByRole('button', { name: 'Cancel cancelled.txt' }).isVisible())
      .toBe(false);
    const counted = await counter(page);
    expect(counted).toBeLessThan(before + 300_000);
    // And who comes next is not held up.
    await paste(page, EXAMPLE);
    await expect.poll(() => told(page), SOON).toContain('3 emails');
  });

  test('names and addresses are text, whatever they look like', async () => {
    const page = await open();
    const name = '<img src=x onerror=document.title="owned">.txt';
    const content = '"<script>document.title=1</script>"@x.example ann@<b>bold</b>.example';
    await page.setInputFiles('#files', [
      { name, mimeType: 'text/plain', buffer: Buffer.from(content) },
    ]);
    await expect.poll(() => text(file(page, name)), SOON).toContain('thorough');
    await expect.poll(() => told(page), SOON).toContain(name);
    expect(await page.locator('main img, main script, main b b').count()).toBe(0);
    expect(await page.title()).toBe('Cruncher');
  });

  test('A1 5 MB that are pasted freeze nothing', async () => {
    const page = await open();
    const before = await counter(page);
    await page.evaluate(
      `document.getElementById('text').value = 'some words of no interest, '.repeat(200000) + 'last@five.example'`,
    );
    await page.click('#upload');
    // While it is crunched, the page does what it is told.
    await page.fill('#text', 'still here');
    await page.getByRole('button', { name: /Change to/ }).click();
    await expect.poll(() => counter(page), SOON).toBe(before + 1);
    expect(await page.inputValue('#text')).toBe('still here');
  });

  test('all can be done with the keyboard', async () => {
    const page = await open();
    const before = await counter(page);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('k@keys.example');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Upload');
    await page.keyboard.press('Enter');
    await expect.poll(() => counter(page), SOON).toBe(before + 1);
    for (let i = 0; i < 40 && (await focused(page)) !== 'Crash fast'; i++)
      await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Crash fast');
    await page.keyboard.press('Space');
    await expect.poll(() => text(page.locator('#said')), SOON).toBe('fast was crashed');
  });

  test('at the size of a phone nothing is wider than the screen, and what is pressed is large enough', async () => {
    const page = await open({ viewport: { width: 375, height: 740 }, hasTouch: true });
    await paste(page, `${'x'.repeat(60)}@${'long-domain.'.repeat(10)}example`);
    await expect.poll(() => told(page), SOON).toContain('email');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
    for (const button of await page.locator('button:visible').all()) {
      const box = await button.boundingBox();
      expect(box!.height).toBeGreaterThanOrEqual(32);
      expect(box!.x + box!.width).toBeLessThanOrEqual(375);
    }
  });

  test('axe has nothing to say, in light and dark, at either size', async () => {
    const page = await open({ bypassCSP: true });
    await paste(page, EXAMPLE);
    await expect.poll(() => told(page), SOON).toContain('3 emails');
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1280, 375]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
        const found = violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)]);
        expect({ colorScheme, width, found }).toEqual({ colorScheme, width, found: [] });
      }
  });

  test('A7 one command serves it whole: nothing is asked of anybody else', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.goto(program.url);
    await page.locator('#link', { hasText: 'Live' }).waitFor();
    await paste(page, EXAMPLE);
    await expect.poll(() => told(page), SOON).toContain('3 emails');
    expect(asked.length).toBeGreaterThan(4);
    expect(new Set(asked)).toEqual(new Set([new URL(program.url).origin]));
  });

  test('remembers which colours somebody wants, and follows the system before', async () => {
    const page = await open({ colorScheme: 'light' });
    const ground = (): Promise<unknown> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    expect(await ground()).toBe('rgb(244, 246, 248)');
    await page.getByRole('button', { name: 'Change to dark colours' }).click();
    expect(await ground()).toBe('rgb(14, 17, 22)');
    await page.reload();
    expect(await ground()).toBe('rgb(14, 17, 22)');
  });
});

describe.skipIf(isBrowserMissing)('a server that goes away', LONG, () => {
  test('is missed at once, and found again when it is back, with all that it knew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'page-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const data = ['--broker', `file:${folder}/broker`, '--state', `${folder}/state`];
    const first = await startProgram(...data);
    const page = await openPage(browser, first.url);
    await paste(page, EXAMPLE);
    await expect.poll(() => counter(page), SOON).toBe(3);
    await first.stop('SIGTERM');
    await expect.poll(() => text(page.locator('#link')), SOON).toBe('No connection');
    expect(await text(page.locator('#banner'))).toContain('has not answered since');
    // What is seen is still there, and what is given says that it cannot be taken.
    expect(await counter(page)).toBe(3);
    await page.click('#upload');
    await expect.poll(() => text(page.locator('#file-list')), SOON).toContain('cannot be reached');
    const second = await startProgram(...data, '--port', String(first.port));
    await expect.poll(() => text(page.locator('#link')), SOON).toBe('Live');
    expect(await page.locator('#banner').isVisible()).toBe(false);
    await expect.poll(() => counter(page), SOON).toBe(3);
    await page.click('#upload');
    await expect.poll(() => counter(page), SOON).toBe(6);
    await page.context().close();
    await second.stop();
    // A browser writes down that it reached nobody; nothing else is wrong.
    expect(complaints.splice(0).filter((each) => !each.includes('net::ERR_'))).toEqual([]);
  });
});

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

const MAIL = [
  'From: =?utf-8?q?Ann?= <ann@mail.example>',
  'Subject: hello',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Write to ben=40mail.example.',
  '',
].join('\r\n');

function large(name: string, lines: number) {
  const all = Array.from({ length: lines }, (_, i) => `u${i % 5000}@d${i % 13}.example`).join('\n');
  return { name, mimeType: 'text/plain', buffer: Buffer.from(all) };
}

async function paste(page: Page, content: string): Promise<void> {
  await page.fill('#text', content);
  await page.click('#upload');
}

function file(page: Page, name: string): Locator {
  return page.locator('.file', { hasText: name }).first();
}

async function text(of: Locator): Promise<string> {
  return (await of.textContent()) ?? '';
}

function told(page: Page): Promise<string> {
  return text(page.locator('#told'));
}

async function figure(page: Page, selector: string): Promise<number> {
  return Number((await text(page.locator(selector))).replaceAll(',', ''));
}

function counter(page: Page): Promise<number> {
  return figure(page, '#counter');
}

async function focused(page: Page): Promise<string> {
  return (await page.evaluate(
    `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent`,
  )) as string;
}
