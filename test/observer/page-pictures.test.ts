/**
 * The page looks as it did: a kept recording, at a kept moment, in both themes and two widths. Letters are drawn by the
 * machine, so the kept pictures hold for the browser and the fonts that they were made with; elsewhere this is
 * skipped, visibly. `BEAMISH_PICTURES=keep vitest run test/observer/page-pictures.test.ts` makes them anew.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { observe, openRecording, servePage } from '@beamish/observer';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBrowserMissing, openBrowser } from '../support/browser.ts';
import { shop } from './shop.ts';

const FOLDER = fileURLToPath(new URL('./page-pictures/', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const RECORDING = `${FOLDER}shop.ndjson`;
/** What draws letters. */
const MADE_BY = `${FOLDER}made-by.txt`;
const VIEWS = ['Tree', 'Actors', 'Messages', 'Waits', 'Problems', 'Threads'];
const THEMES = ['dark', 'light'] as const;
const WIDTHS = [1280, 375] as const;
/** Of the pixels, that may differ. */
const MOST = 0.001;
const isKeeping = process.env['BEAMISH_PICTURES'] === 'keep';

/** A second or so of the shop. */
async function recordShop(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const system = await shop({ carts: 30 });
  const observer = observe(system);
  const recorder = await observer.record(RECORDING);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await recorder.close();
  await system.shutdown();
  // Where it was made, and by what, is nobody's business.
  const text = await readFile(RECORDING, 'utf8');
  const anywhere = text.replaceAll(ROOT, '/app').replaceAll(process.execPath, 'node');
  await writeFile(RECORDING, anywhere.replace(/"argv":\[[^\]]*\]/, '"argv":["shop.js"]'));
}

describe.skipIf(isBrowserMissing)('OBS-128 the page looks as in the kept pictures', () => {
  let browser: Browser;
  let close = async (): Promise<void> => {};
  let url = '';
  let at = 0;
  let isAsThen = true;

  beforeAll(async () => {
    browser = await openBrowser('--font-render-hinting=none', '--disable-lcd-text');
    if (isKeeping) await recordShop();
    const recording = await openRecording(RECORDING);
    const served = await servePage(recording);
    close = async () => {
      await served.close();
      await recording.close();
    };
    url = served.url;
    at = recording.until;
    const drawnBy = await fingerprint(browser);
    if (isKeeping) await writeFile(MADE_BY, drawnBy);
    isAsThen = existsSync(MADE_BY) && readFileSync(MADE_BY, 'utf8') === drawnBy;
  }, 120_000);
  afterAll(async () => {
    await close();
    await browser?.close();
  });

  test.for(THEMES.flatMap((theme) => WIDTHS.map((width) => [theme, width] as const)))(
    'OBS-128 %s, %d wide',
    { timeout: 120_000 },
    async ([theme, width], { skip }) => {
      if (!isAsThen) skip('The kept pictures are of another browser, or of other fonts');
      const context = await browser.newContext({
        viewport: { width, height: 560 },
        colorScheme: theme,
        locale: 'en-US',
        timezoneId: 'UTC',
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      await page.clock.setFixedTime(at);
      await page.goto(url);
      await page.locator('.pill', { hasText: 'Recording' }).waitFor();
      await page.locator('.row', { hasText: 'prices' }).waitFor();
      // Cards are drawn anew once a second.
      await page.clock.setFixedTime(at + 2000);
      if (width > 760) await page.locator('.side .card', { hasText: 'Deadlock' }).waitFor();
      const different: string[] = [];
      for (const view of VIEWS) {
        const file = `${FOLDER}${view.toLowerCase()}-${theme}-${width}.png`;
        await page.getByRole('tab', { name: view }).click();
        const drawn = await settled(page);
        if (isKeeping) await writeFile(file, drawn);
        const share = await difference(
          page.context().browser() as Browser,
          await readFile(file),
          drawn,
        );
        if (share > MOST) different.push(`${file}: ${(share * 100).toFixed(2)} %`);
      }
      await context.close();
      expect(different).toEqual([]);
    },
  );
});

/** A picture that is the same as the one before it. */
async function settled(page: Page): Promise<Buffer> {
  let last: Buffer = Buffer.alloc(0);
  for (let i = 0; i < 30; i++) {
    // Figures and bars change four times a second.
    await page.waitForTimeout(300);
    const drawn = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    if (drawn.equals(last)) break;
    last = drawn;
  }
  return last;
}

/** The share of pixels in which two pictures differ. */
async function difference(browser: Browser, before: Buffer, now: Buffer): Promise<number> {
  if (before.equals(now)) return 0;
  const page = await browser.newPage();
  const share = await page.evaluate(
    async (pictures) => {
      const [a, b] = await Promise.all(
        pictures.map(async (base64) => {
          const picture = new Image();
          picture.src = `data:image/png;base64,${base64}`;
          await picture.decode();
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
          context.drawImage(picture, 0, 0);
          const { data } = context.getImageData(0, 0, picture.width, picture.height);
          return new Uint32Array(data.buffer);
        }),
      );
      if (a === undefined || b === undefined || a.length !== b.length) return 1;
      return a.reduce((sum, pixel, i) => sum + Number(pixel !== b[i]), 0) / a.length;
    },
    [before.toString('base64'), now.toString('base64')],
  );
  await page.close();
  return share;
}

/** Which browser it is, and how letters come out in it. */
async function fingerprint(browser: Browser): Promise<string> {
  const page = await browser.newPage({ viewport: { width: 400, height: 100 } });
  await page.setContent(
    '<p style="font: 13px system-ui">Who waits for what ↻ ◆ ❚❚ …</p><p style="font: 11px ui-monospace">shop.2011</p>',
  );
  const letters = createHash('sha256')
    .update(await page.screenshot())
    .digest('hex');
  await page.close();
  return `${browser.version()} ${letters}\n`;
}
