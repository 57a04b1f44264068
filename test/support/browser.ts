/** A real browser. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Where there is none, tests are skipped, visibly, unless they are required. */
export const isBrowserMissing =
  !existsSync(CHROMIUM) && process.env['BEAMISH_REQUIRE_SERVICES'] !== '1';

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}
