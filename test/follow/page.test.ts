/** The page, as somebody uses it. */

import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../support/browser.ts';
import { Service } from '../support/service.ts';

let service: Service;
let browser: Browser;

beforeAll(async () => {
  if (isBrowserMissing) return;
  service = await new Service('follow').start();
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await service?.[Symbol.asyncDispose]();
});

test.skipIf(isBrowserMissing)(
  'WEB-01, WEB-03: effects are shown as they come; with the mail server away the mail fails, and the button tries again',
  async () => {
    const page = await browser.newPage({ viewport: { width: 375, height: 800 } });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(service.url);
    await page.getByRole('button', { name: 'follow ada' }).press('Enter');
    await page.getByText('1 follows').waitFor();
    await page.getByText('Your timeline: 25 posts').waitFor();
    await page.getByRole('row', { name: /users\.notify succeeded/ }).waitFor();

    await page.getByLabel('The mail server is away').press('Space');
    await page.getByRole('button', { name: 'follow bea' }).press('Enter');
    const failed = page.getByRole('row', {
      name: /users\.notify failed: The mail server does not answer 3/,
    });
    await failed.waitFor({ timeout: 30_000 });
    await page.getByLabel('The mail server is away').press('Space');
    await failed.getByRole('button', { name: /^retry/ }).press('Enter');
    await failed.waitFor({ state: 'detached' });
    await expect
      .poll(() => page.getByRole('row', { name: /users\.notify succeeded/ }).count())
      .toBe(2);

    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect({ isWide, faults }).toEqual({ isWide: false, faults: [] });
    const shots = process.env['BEAMISH_SCREENSHOTS'];
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: `${shots}/follow-375.png` });
  },
  90_000,
);
