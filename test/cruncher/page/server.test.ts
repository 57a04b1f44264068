/** The page's server, without a browser: who may come in, what is refused, and what uploads take. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActorSystem } from 'beamish';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { inMemory } from '../../../examples/cruncher/src/services/book.ts';
import type { Frame } from '../../../examples/cruncher/src/services/page/frame.ts';
import { openPage, type Page } from '../../../examples/cruncher/src/services/page/serve.ts';
import { ROLES } from '../../../examples/cruncher/src/services/tree.ts';
import { startProgram } from './browser.ts';

const LIMITS = { bytes: 1_000_000, uploads: 2 };

describe('the server of the page', { timeout: 60_000 }, () => {
  let page: Page;
  let port = 0;
  let spool = '';
  const system = new ActorSystem({ name: 'page-test', log: 'off' });

  beforeAll(async () => {
    spool = mkdtempSync(join(tmpdir(), 'spool-'));
    page = await openPage(system, {
      services: {
        url: 'memory:',
        topology: {},
        roles: ROLES,
        book: inMemory(),
        mailer: async () => ({ kind: 'sent' }),
        names: [],
        whileStopped: 'wait',
      },
      host: '127.0.0.1',
      port: 0,
      spool,
      isTemporary: true,
      limits: LIMITS,
    });
    port = Number(new URL(page.url).port);
  }, 60_000);
  afterAll(async () => {
    await page?.stop();
    rmSync(spool, { recursive: true, force: true });
  }, 60_000);

  const ask = (path: string, options: Ask = {}) => asked(port, path, options);
  const give = (id: string, body: string | Buffer, options: Ask = {}) =>
    ask(`/api/files/${id}?name=${id}.txt`, { method: 'POST', origin: 'own', body, ...options });

  test.each(['evil.example', '127.0.0.1.evil.example', '127.0.0.1:1'])(
    'is not at the host %j',
    async (host) => {
      const { status, body } = await ask('/', { host });
      expect([status, body.includes('<html')]).toEqual([403, false]);
    },
  );

  test.each(['localhost', '127.0.0.1', '[::1]'])('is at %s', async (name) => {
    expect((await ask('/', { host: `${name}:${port}` })).status).toBe(200);
  });

  test.each(['http://evil.example', 'null', undefined])(
    'changes nothing for a page of the origin %s',
    async (origin) => {
      const options = origin === undefined ? {} : { origin };
      for (const path of ['/api/files/x?name=x', '/api/crash/fast', '/api/cancel/x'])
        expect((await ask(path, { method: 'POST', body: 'a@x.org', ...options })).status).toBe(403);
      if (origin !== undefined) expect((await ask('/api/events', options)).status).toBe(403);
    },
  );

  test('allows nothing that stands in the page itself, and no other page to show it', async () => {
    const { headers, body } = await ask('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body).not.toMatch(/ style=| on\w+=|<script(?! type="module" src="page.js">)|<style/);
  });

  test('refuses an upload that says it is too large before it reads it, with 413', async () => {
    const { status, body } = await give('large', Buffer.alloc(LIMITS.bytes + 1));
    expect([status, JSON.parse(body)]).toEqual([
      413,
      { error: `It is too large: ${LIMITS.bytes} bytes are the most` },
    ]);
  });

  test('and one that does not say so once it is, and keeps nothing of it', async () => {
    const chunks = Array.from({ length: 20 }, () => Buffer.alloc(100_000));
    const { status } = await give('chunked', '', { chunks });
    expect(status).toBe(413);
    await expect.poll(() => readdirSync(spool)).toEqual([]);
  });

  test('refuses more uploads than it takes at a time, with 429, and says when to come again', async () => {
    const slow = [open(port, 'slow1'), open(port, 'slow2')];
    await expect.poll(async () => (await frame(port)).files.length, { timeout: 25_000 }).toBe(2);
    const { status, headers } = await give('third', 'a@x.org');
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    // Those who go away in the middle leave nothing.
    for (const each of slow) each.destroy();
    await expect.poll(() => readdirSync(spool), { timeout: 25_000 }).toEqual([]);
    expect((await give('fourth', 'a@fourth.example')).status).toBe(200);
  });

  test('an upload that is cancelled on its way ends, and keeps nothing', async () => {
    const slow = open(port, 'unwanted');
    await expect
      .poll(async () => (await frame(port)).files.map(({ id }) => id), { timeout: 25_000 })
      .toContain('unwanted');
    expect((await ask('/api/cancel/unwanted', { method: 'POST', origin: 'own' })).status).toBe(200);
    await expect.poll(() => readdirSync(spool), { timeout: 25_000 }).toEqual([]);
    slow.destroy();
    expect((await ask('/api/cancel/unwanted', { method: 'POST', origin: 'own' })).status).toBe(404);
  });

  test('a file is gone from the server once it has been crunched', async () => {
    const { status, body } = await give('gone', 'a@gone.example b@gone.example');
    expect(status).toBe(200);
    const { work } = JSON.parse(body) as { work: string };
    await expect
      .poll(async () => (await frame(port)).files.find(({ id }) => id === work)?.state, {
        timeout: 25_000,
      })
      .toBe('done');
    await expect.poll(() => readdirSync(spool), { timeout: 25_000 }).toEqual([]);
  });

  test.each(['../x', 'a b', 'x'.repeat(65)])('%j is no id of an upload', async (id) => {
    expect((await give(encodeURIComponent(id), 'a@x.org')).status).toBe(400);
  });

  test('what is not there is 404, and what cannot be crashed as well', async () => {
    expect((await ask('/etc/passwd')).status).toBe(404);
    for (const each of ['status', 'broker', 'constructor'])
      expect((await ask(`/api/crash/${each}`, { method: 'POST', origin: 'own' })).status).toBe(404);
  });

  test('B3 the tree has each actor with its mailbox, restarts and what it waits for', async () => {
    const { tree } = await frame(port);
    const names = (each: NonNullable<Frame['tree']>): string[] => [
      each.label,
      ...each.children.flatMap(names),
    ];
    expect(names(tree!)).toEqual(
      expect.arrayContaining(['services', 'broker', 'status', 'fast', 'thorough', 'desk', 'feed']),
    );
    const status = tree!.children[0]!.children.find(({ label }) => label === 'status');
    expect(status).toMatchObject({ mailbox: expect.any(Number), restarts: 0, kind: 'actor' });
    expect(status?.waitingFor).toContain('delivery');
  });
});

/** Larger, in its long form: a gigabyte. */
const MEGABYTES = Number(process.env['BEAMISH_UPLOAD_MB'] ?? 100);

test(`${MEGABYTES} MB are uploaded and crunched with flat memory`, {
  timeout: 600_000,
}, async () => {
  const program = await startProgram();
  onTestFinished(() => program.stop());
  const rss = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))![1]) / 1024;
  const line = Buffer.from(`${'some words of no interest '.repeat(40)}ann@large.example\n`);
  const piece = Buffer.concat(Array.from({ length: 1000 }, () => line));
  const pieces = Math.ceil((MEGABYTES * 1e6) / piece.length);
  const before = rss();
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, rss());
  }, 50);
  const chunks = Array.from({ length: pieces }, () => piece);
  const { status } = await asked(program.port, '/api/files/large?name=large.txt', {
    method: 'POST',
    origin: 'own',
    chunks,
  });
  expect(status).toBe(200);
  const both = async (): Promise<number[]> =>
    Object.values((await frame(program.port)).totals).map((each) => each.found);
  let found: number[] = [];
  while (found.length < 2 || found.some((each) => each < pieces * 1000)) {
    await sleep(200);
    found = await both();
  }
  clearInterval(watching);
  expect(found).toEqual([pieces * 1000, pieces * 1000]);
  expect(most - before).toBeLessThan(160);
});

interface Ask {
  readonly method?: string;
  readonly host?: string;
  /** `'own'`: that of the page. */
  readonly origin?: string;
  readonly body?: string | Buffer;
  /** Sent one after the other, and not told of in advance. */
  readonly chunks?: readonly Buffer[];
}

function asked(
  port: number,
  path: string,
  { method = 'GET', host = `127.0.0.1:${port}`, origin, body, chunks }: Ask,
): Promise<{ status: number; headers: IncomingMessage['headers']; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      Host: host,
      ...(origin !== undefined && { Origin: origin === 'own' ? `http://${host}` : origin }),
      ...(body !== undefined &&
        chunks === undefined && { 'Content-Length': Buffer.byteLength(body) }),
    };
    const asking = request({ port, host: '127.0.0.1', path, method, headers, agent: false });
    let isAnswered = false;
    asking.on('response', (response) => {
      isAnswered = true;
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      const done = () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      response.on('end', done);
      response.on('error', done);
    });
    // A server that does not want the rest closes the line.
    asking.on('error', (error) => (isAnswered ? undefined : reject(error)));
    void (async () => {
      for (const chunk of chunks ?? []) {
        if (isAnswered || asking.destroyed) break;
        if (!asking.write(chunk)) await drained(asking);
      }
      asking.end(chunks === undefined ? body : undefined);
    })();
  });
}

/** Until more can be written, or need not be. */
function drained(asking: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'response'] as const;
    const done = (): void => {
      for (const each of events) asking.off(each, done);
      resolve();
    };
    for (const each of events) asking.on(each, done);
  });
}

/** An upload that does not come to its end. */
function open(port: number, id: string) {
  const host = `127.0.0.1:${port}`;
  const asking = request({
    port,
    host: '127.0.0.1',
    path: `/api/files/${id}?name=${id}`,
    method: 'POST',
    headers: { Host: host, Origin: `http://${host}` },
    agent: false,
  });
  asking.on('error', () => {});
  asking.write('ann@slow.example ');
  return asking;
}

/** What the page is shown next. */
function frame(port: number): Promise<Frame> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, host: '127.0.0.1', path: '/api/events', agent: false });
    asking.on('error', reject);
    asking.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const end = text.indexOf('\n\n');
        if (end < 0) return;
        asking.destroy();
        resolve(JSON.parse(text.slice('data: '.length, end)) as Frame);
      });
      response.on('error', () => {});
    });
    asking.end();
  });
}
