/**
 * Makes the picture of the page that the README shows: the program is started, something is given to it, a cruncher
 * is crashed, and a browser takes the picture. `CHROMIUM` says where the browser is.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const program = spawn(
  process.execPath,
  [
    ...['--conditions=beamish-source', '--import', import.meta.resolve('tsx'), here('src/main.ts')],
    ...['--web', '--port', '0', '--notify-domain', 'lighthouse.example', '--name', 'keeper'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, BROKER: '' } },
);
let printed = '';
program.stdout.on('data', (text) => {
  printed += text;
});
while (!printed.includes('http:')) await once(program.stdout, 'data');
const url = /http:\S+/.exec(printed)?.[0] ?? '';

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({
  colorScheme: 'dark',
  viewport: { width: 1280, height: 1200 },
});
await page.goto(url);
await page.locator('#link', { hasText: 'Live' }).waitFor();
await page.setInputFiles(
  '#files',
  ['lighthouse-log.txt', 'recipe-card.txt'].map((name) => ({
    name,
    mimeType: 'text/plain',
    buffer: readFileSync(here(`samples/${name}`)),
  })),
);
await page.fill('#text', 'keeper@lighthouse.example, "the cat" <cat@lighthouse.example>');
await page.click('#upload');
await page.locator('#told', { hasText: 'emails' }).waitFor();
const domains = ['harbour.example', 'island.example', 'ferry.example', 'weather.example'];
const lines = Array.from(
  { length: 600_000 },
  (_, i) => `Sighted by mate${i % 30_000}@${domains[(i * i) % 7] ?? 'harbour.example'} at noon.`,
);
await page.setInputFiles('#files', [
  { name: 'mail of ten years.txt', mimeType: 'text/plain', buffer: Buffer.from(lines.join('\n')) },
]);
await page.waitForTimeout(3500);
await page.getByRole('button', { name: 'Crash thorough' }).click();
await page.waitForTimeout(1500);
await page.evaluate('scrollTo(0, 0); document.activeElement.blur()');
await page.mouse.move(0, 0);
await page.screenshot({ path: here('page.png') });
await browser.close();
program.kill();
