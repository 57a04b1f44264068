/** The page in a real browser, and the program behind it as a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { FROM_SOURCE } from '../../support/from-source.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = join(PROJECT, 'examples', 'cruncher', 'src', 'main.ts');

export interface Program {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it in order, or at once. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts `npm start -- --web`, and resolves when it says where the page is. */
export async function startProgram(...args: readonly string[]): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  const all = [...FROM_SOURCE, MAIN, '--web', ...(args.includes('--port') ? [] : ['--port', '0'])];
  const child: ChildProcess = spawn(process.execPath, [...all, ...args], {
    cwd: folder,
    env: { ...process.env, BROKER: '', INIT_CWD: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const found = /http:\S+/.exec(printed)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.on('exit', (code) => reject(new Error(`It ended with ${code}: ${printed}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid as number,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What went wrong in a page, which a user would see in its console. */
export const complaints: string[] = [];

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  await page.locator('#link', { hasText: 'Live' }).waitFor();
  return page;
}
