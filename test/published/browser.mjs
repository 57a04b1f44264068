/** A program in Chromium, bundled as for a page: in the page itself, and in a worker of it. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const LONGEST_MS = 30_000;

/**
 * What it prints, once it is as many lines as are expected, or has failed.
 *
 * @param {string} folder
 * @param {string} program
 * @param {'page' | 'worker'} where
 * @param {number} lines
 */
export async function printedInBrowser(folder, program, where, lines) {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [join(folder, program)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const server = createServer(({ url }, response) => {
    const isProgram = url === '/program.js';
    response.setHeader('Content-Type', isProgram ? 'text/javascript' : 'text/html');
    response.end(isProgram ? outputFiles[0]?.contents : pageOf(where));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    // Nothing here is not our own, and root has no sandbox.
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const printed = [];
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`It printed only: ${printed}`)), LONGEST_MS);
      page.on('pageerror', reject);
      page.on('console', (message) => {
        printed.push(...message.text().split('\n'));
        if (message.type() === 'error') reject(new Error(message.text()));
        if (printed.length < lines) return;
        clearTimeout(timer);
        resolve(undefined);
      });
      page.goto(`http://127.0.0.1:${port}/`).catch(reject);
    });
    return printed.join('\n');
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {'page' | 'worker'} where */
function pageOf(where) {
  const start =
    where === 'page'
      ? '<script type="module" src="/program.js"></script>'
      : "<script>new Worker('/program.js', { type: 'module' });</script>";
  // An icon of its own, or the browser asks for one.
  return `<!doctype html><title>${where}</title><link rel="icon" href="data:,">${start}`;
}
