/** Where observed programs leave their addresses, and whose are believed. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leave, observedHere } from '../../packages/observer/src/page/state-file.ts';

let above = '';
const folder = () => join(above, `beamish-observer-${userInfo().uid}`);
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'beamish-left-'));
  vi.stubEnv('TMPDIR', above);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(above, { recursive: true });
});

test('SEC-27 an address is there until it is taken away', () => {
  const remove = leave('http://127.0.0.1:1/?token=x', 'app');
  expect(observedHere()).toEqual([
    { url: 'http://127.0.0.1:1/?token=x', name: 'app', pid: process.pid },
  ]);
  remove();
  expect(observedHere()).toEqual([]);
});

test('SEC-27 what a dead process left is not believed, nor a link, nor what is no JSON', () => {
  leave('http://127.0.0.1:1/?token=x', 'app')();
  const dead = { url: 'http://127.0.0.1:2/?token=y', name: 'dead', pid: 2 ** 22 + 1 };
  writeFileSync(join(folder(), 'dead.json'), JSON.stringify(dead));
  writeFileSync(join(folder(), 'broken.json'), '{');
  const elsewhere = join(above, 'elsewhere.json');
  writeFileSync(elsewhere, JSON.stringify({ ...dead, name: 'linked', pid: process.pid }));
  symlinkSync(elsewhere, join(folder(), 'linked.json'));
  expect(observedHere()).toEqual([]);
});

test('SEC-27 a folder that is a link of another is not followed', () => {
  const others = join(above, 'others');
  mkdirSync(others);
  chmodSync(others, 0o777);
  symlinkSync(others, folder());
  const remove = leave('http://127.0.0.1:1/?token=x', 'app');
  expect(observedHere()).toEqual([]);
  expect(() => rmSync(join(others, `${process.pid}.json`))).toThrow('ENOENT');
  remove();
});
