/** Names, tags, reasons and titles of whoever means no good are text, wherever the page shows them. */

import { observe, servePage } from '@beamish/observer';
import type { ActorSystem } from 'beamish';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../support/browser.ts';
import { CONTROLS, happen, ODD, oddProgram, SHOWN } from './odd-names.ts';

describe.skipIf(isBrowserMissing)('in a browser', () => {
  let browser: Browser;
  let system: ActorSystem;
  beforeAll(async () => {
    browser = await openBrowser();
    system = await oddProgram();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await system?.shutdown();
  });

  /** What is in the document that should not be, and which of what should be is not. */
  const faults = (page: Page, words: readonly string[]) =>
    page.evaluate(
      ([controls, wanted]) => {
        const found: string[] = [];
        if ('hacked' in globalThis) found.push('a script ran');
        for (const element of document.querySelectorAll('img, iframe, object, main script, [src]'))
          if (element.parentElement !== document.head) found.push(element.outerHTML);
        const texts: string[] = [document.title];
        const walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '');
        for (const element of document.querySelectorAll('*')) {
          for (const { name: its, value } of element.attributes) {
            if (its.startsWith('on')) found.push(element.outerHTML);
            if (its === 'title' || its === 'aria-label') texts.push(value);
          }
          const href = element.getAttribute('href') ?? '';
          if (href.startsWith('javascript:')) found.push(href);
        }
        for (const its of texts)
          if (new RegExp(controls, 'u').test(its)) found.push(JSON.stringify(its.slice(0, 200)));
        const all = texts.join('\n');
        return [...found, ...wanted.filter((its) => !all.includes(its)).map((its) => `no ${its}`)];
      },
      [CONTROLS.source, words] as const,
    );

  test('SEC-12 in every view, and in the details of everybody, they are text', async () => {
    const observer = observe(system, { control: true, messages: 'always', payloads: {} });
    const served = await servePage(observer);
    const context = await browser.newContext({ viewport: { width: 1600, height: 3000 } });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => said.push(dialog.message()));
    await page.goto(served.url);
    await page.locator('.pill', { hasText: 'Live' }).waitFor();
    happen(system);
    const painted = () =>
      page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
    const check = async (what: string, words: readonly string[]) => {
      await expect.poll(() => faults(page, words), { timeout: 25_000, message: what }).toEqual([]);
      expect([what, said]).toEqual([what, []]);
    };
    for (const title of ['Actors', 'Messages', 'Waits', 'Problems', 'Threads', 'Tree']) {
      await page.getByRole('tab', { name: title, exact: title !== 'Problems' }).click();
      await painted();
      await check(title, title === 'Threads' ? [] : SHOWN);
    }
    const panels = page
      .getByRole('tab')
      .filter({ hasNotText: /^(Tree|Actors|Messages|Waits|Problems\d*|Threads)$/ });
    await expect.poll(() => panels.count(), { timeout: 25_000 }).toBe(ODD.length);
    for (const [i, words] of SHOWN.entries()) {
      await panels.nth(i).click();
      await page.getByText('It could not be shown').waitFor();
      await check(`panel ${words}`, [words]);
      const labelled = await page.getByRole('tabpanel').getAttribute('aria-labelledby');
      expect(await page.evaluate((id) => document.getElementById(id)?.role, labelled ?? '')).toBe(
        'tab',
      );
    }
    await page.getByRole('tab', { name: 'Actors', exact: true }).click();
    for (const actor of await observer.actors()) {
      const key = `odd.${actor.pid.serial}@${actor.pid.incarnation}`;
      const row = page
        .locator('.row:visible')
        .filter({ has: page.locator(`text=odd.${actor.pid.serial}`) });
      await row.first().click();
      await page.locator('.side dl').waitFor();
      await check(key, []);
    }
    expect(served.clients).toBe(1);
    await context.close();
    await served.close();
    await observer.close();
  }, 180_000);
});
