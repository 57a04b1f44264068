/** The page, as somebody uses it. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../support/browser.ts';
import { Program } from './program.ts';

let program: Program;
let browser: Browser;

beforeAll(async () => {
  if (isBrowserMissing) return;
  program = await Program.started();
  browser = await openBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await program?.[Symbol.asyncDispose]();
});

test.skipIf(isBrowserMissing)(
  'PRM-01: numbers are asked, watched and stopped by keyboard, at 375 px',
  async () => {
    const page = await browser.newPage({ viewport: { width: 375, height: 700 } });
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(program.url);
    const field = page.getByLabel('A whole number');
    await field.fill('2305843009213693951');
    await field.press('Enter');
    await page.getByText('is prime', { exact: true }).waitFor();
    expect(await page.getByRole('listitem').first().textContent()).toContain('2305843009213693951');

    await field.fill('18446744073709551557');
    await page.getByLabel('by trial division').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    const bar = page.getByRole('progressbar', { name: 'Progress of 18446744073709551557' });
    await bar.waitFor();
    await page.reload();
    await bar.waitFor(); // what was asked survives
    await page.getByRole('button', { name: 'Stop 18446744073709551557' }).press('Enter');
    await page.getByText('was stopped').waitFor();

    await field.fill('<img src=x onerror=alert(1)>');
    await field.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Not a whole number' }).waitFor();
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect({ isWide, images: await page.locator('img').count() }).toEqual({
      isWide: false,
      images: 0,
    });
    // The refusal itself, as the browser logs it.
    expect(faults.filter((fault) => !fault.includes('400'))).toEqual([]);
  },
  60_000,
);
