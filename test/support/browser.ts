/** A real browser: the one that `CHROMIUM` names, or the first that is there. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM =
  process.env['CHROMIUM'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Where there is none, tests are skipped, visibly, unless they are required. */
export const isBrowserMissing =
  (CHROMIUM === undefined || !existsSync(CHROMIUM)) &&
  process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';

export function openBrowser(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM ?? 'chromium',
    args: ['--no-sandbox', ...args],
  });
}
