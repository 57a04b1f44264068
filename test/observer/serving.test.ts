/** The server of the page: who may come in, what is answered, and that the program does not notice. */

import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { observe, type Page, type ServeOptions, servePage } from '@beamish/observer';
import { child, type Message, type Pid, server, supervisor } from 'beamish';
import { testSystem } from 'beamish/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Client, Clients } from '../../packages/observer/src/page/clients.ts';
import { Gate } from '../../packages/observer/src/page/gate.ts';
import { sourceOf } from '../../packages/observer/src/page/source.ts';
import { printedBy } from '../support/programs.ts';
import { idler } from '../support/recorder.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

async function served(options: ServeOptions & { readonly control?: boolean } = {}): Promise<{
  page: Page;
  system: ReturnType<typeof testSystem>;
  observer: ReturnType<typeof observe>;
}> {
  const { control = false, ...serving } = options;
  const system = testSystem();
  system.register('ann', system.spawn(idler));
  await system.settle();
  const observer = observe(system, { control });
  const page = await servePage(observer, serving);
  open.push(page, observer);
  return { page, system, observer };
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** As it is written, with whatever headers. */
function ask(
  { port }: Page,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  { method = 'GET', body }: { readonly method?: string; readonly body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** The status line of what was answered to these bytes; all of it with `whole`. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

const bearer = (page: Page) => ({ authorization: `Bearer ${page.token}` });
const PATHS = [
  '/',
  '/app.js',
  '/app.css',
  '/events',
  '/metrics',
  '/api/watch',
  '/api/ask',
  '/api/act',
  '/x',
];

/** A client of the stream: what it is told, by kind. */
async function stream(page: Page): Promise<{
  told: { kind: string; [field: string]: unknown }[];
  until(is: () => boolean): Promise<void>;
  close(): void;
  status: number;
}> {
  const told: { kind: string; [field: string]: unknown }[] = [];
  const ending = new AbortController();
  const response = await fetch(`http://127.0.0.1:${page.port}/events`, {
    headers: bearer(page),
    signal: ending.signal,
  });
  let text = '';
  const decoder = new TextDecoder();
  void (async () => {
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk as Uint8Array, { stream: true });
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const data = text
            .slice(0, end)
            .split('\n')
            .find((line) => line.startsWith('data: '));
          text = text.slice(end + 2);
          if (data !== undefined) told.push(JSON.parse(data.slice('data: '.length)));
        }
      }
    } catch {}
  })();
  return {
    told,
    status: response.status,
    close: () => ending.abort(),
    async until(is) {
      for (let i = 0; i < 500 && !is(); i++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      if (!is()) throw new Error('It did not come');
    },
  };
}

describe('who may come in', () => {
  test('SEC-01 it listens on 127.0.0.1 alone', async () => {
    const { page } = await served();
    expect(page.url).toBe(`http://127.0.0.1:${page.port}/?token=${page.token}`);
    const others = Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? [])
        .filter(({ internal, family }) => !internal && family === 'IPv4')
        .map(({ address }) => address),
    );
    for (const address of others) {
      const socket = connect(page.port, address);
      const [error] = await once(socket, 'error');
      expect(error.code).toBe('ECONNREFUSED');
    }
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
  });

  test('SEC-02 a host that others can reach is refused without allowRemote', async () => {
    const system = testSystem();
    await using observer = observe(system);
    await expect(servePage(observer, { host: '0.0.0.0' })).rejects.toThrow(
      "Cannot serve the page on '0.0.0.0': others can reach that, and see everything; allowRemote: true lets them",
    );
    const warned: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = ((text: string) => warned.push(text) > 0) as never;
    const page = await servePage(observer, { host: '0.0.0.0', allowRemote: true });
    process.stderr.write = write;
    expect(warned).toEqual([expect.stringContaining('sees everything')]);
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
    await page.close();
  });

  test('SEC-03 without a token there is nothing, and nothing of the program in the answer', async () => {
    const { page } = await served();
    for (const path of PATHS) {
      for (const method of ['GET', 'POST']) {
        const { status, body } = await ask(page, path, {}, { method });
        expect([path, status]).toEqual([path, 401]);
        expect(body).not.toContain('test');
        expect(body).not.toContain('ann');
      }
    }
  });

  test('SEC-04 after twenty wrong tokens in a minute, who has no right one waits; who has, does not', async () => {
    const { page } = await served();
    const statuses: number[] = [];
    for (let i = 0; i < 60; i++) {
      const token = i % 3 === 0 ? 'x' : 'x'.repeat(page.token.length);
      statuses.push((await ask(page, '/', { authorization: `Bearer ${token}` })).status);
    }
    expect(statuses.slice(0, 21)).toEqual(new Array(21).fill(401));
    expect(new Set(statuses.slice(21))).toEqual(new Set([429]));
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
  });

  test('SEC-04 a minute later, who has no right token is looked at again', () => {
    const gate = new Gate(1, { token: undefined, hosts: [], isRemote: false });
    const headers = { authorization: 'Bearer wrong' };
    const request = { headers, rawHeaders: ['Host', 'localhost:1'] } as unknown as IncomingMessage;
    const status = (now: number) => {
      const entry = gate.admit(request, new URL('http://page/'), now);
      return entry.ok ? 200 : entry.status;
    };
    for (let i = 0; i < 21; i++) expect(status(i)).toBe(401);
    expect([status(100), status(59_999), status(60_100)]).toEqual([429, 429, 401]);
  });

  test('SEC-05 the token leaves the address for a cookie of this port', async () => {
    const { page } = await served();
    const { status, headers } = await ask(page, `/?token=${page.token}`);
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['referrer-policy']).toBe('no-referrer');
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toBe(`beamish-${page.port}=${page.token}; HttpOnly; SameSite=Strict; Path=/`);
    expect((await ask(page, '/app.js', { cookie: cookie.split(';')[0] as string })).status).toBe(
      200,
    );
    expect((await ask(page, `/app.js?token=${page.token}`)).status).toBe(401);
  });

  test('SEC-06 a token is fresh, and one of one’s own cannot be short', async () => {
    const [one, two] = [await served(), await served()];
    expect(one.page.token).not.toBe(two.page.token);
    expect(Buffer.from(one.page.token, 'base64url').length).toBeGreaterThanOrEqual(16);
    expect([process.title, ...Object.values(process.env)]).not.toContain(one.page.token);
    const written: string[] = [];
    const writing = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0),
    );
    const quiet = await served();
    await ask(quiet.page, '/', bearer(quiet.page));
    for (const each of writing) each.mockRestore();
    expect(written.join('')).not.toContain(quiet.page.token);
    await expect(servePage(one.observer, { token: 'short' })).rejects.toThrow(
      'at least 22 characters',
    );
    const { page } = await served({ token: 'a-token-of-my-own-12345' });
    expect(page.token).toBe('a-token-of-my-own-12345');
  });

  test('SEC-07 only its own names are its Host', async () => {
    const { page } = await served({ hosts: ['observer.example'] });
    const { port } = page;
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      'observer.example',
    ])
      expect([host, (await ask(page, '/', { ...bearer(page), host })).status]).toEqual([host, 200]);
    for (const host of [
      'evil.example',
      `127.0.0.1.evil.example:${port}`,
      `127.0.0.1:${port + 1}`,
      '127.0.0.1',
      `evil.example:${port}`,
    ])
      expect([host, (await ask(page, '/', { ...bearer(page), host })).status]).toEqual([host, 403]);
    const lines = `Authorization: Bearer ${page.token}\r\nConnection: close\r\n`;
    expect(await raw(port, `GET / HTTP/1.1\r\n${lines}\r\n`)).toContain('403');
    const twice = `Host: localhost:${port}\r\nHost: localhost:${port}\r\n`;
    expect(await raw(port, `GET / HTTP/1.1\r\n${twice}${lines}\r\n`)).toMatch(/^HTTP\/1.1 40[03]/);
  });

  test('SEC-08 pages of other origins are refused, with a good cookie too; a tool has none', async () => {
    const { page } = await served();
    const cookie = `beamish-${page.port}=${page.token}`;
    for (const origin of ['http://evil.example', 'null', `http://localhost:${page.port + 1}`])
      for (const path of PATHS)
        expect((await ask(page, path, { cookie, origin })).status).toBe(403);
    const own = `http://127.0.0.1:${page.port}`;
    expect((await ask(page, '/', { cookie, origin: own })).status).toBe(200);
    expect((await ask(page, '/', { cookie })).status).toBe(200);
  });

  test('SEC-10 every answer allows only its own scripts, styles and connections', async () => {
    const { page } = await served();
    const { headers, body } = await ask(page, '/', bearer(page));
    const policy = headers['content-security-policy'] as string;
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
      expect(policy).toContain(rule);
    expect(policy).not.toContain('unsafe');
    expect(body).not.toMatch(/<script>|style=|onload|javascript:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect((await ask(page, '/')).headers['content-security-policy']).toBe(policy);
  });

  test('SEC-25 only the three files are there', async () => {
    const { page } = await served();
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '//',
      '//app.js',
      '/app.js/',
      '/./app.js/..',
      '/index.html',
      '/package.json',
    ])
      expect([path, (await ask(page, path, bearer(page))).status]).toEqual([path, 404]);
    for (const path of ['/', '/app.js', '/app.css'])
      expect((await ask(page, path, bearer(page))).status).toBe(200);
  });

  test('SEC-26 other methods are refused, and no answer lets another origin in', async () => {
    const { page } = await served();
    for (const method of ['PUT', 'TRACE', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) {
      const headers = { ...bearer(page), 'access-control-request-method': 'GET' };
      const { status, headers: answered } = await ask(page, '/', headers, { method });
      expect([method, status]).toEqual([method, 405]);
      expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect((await ask(page, '/api/act', bearer(page))).status).toBe(405);
    expect((await ask(page, '/app.js', bearer(page), { method: 'POST' })).status).toBe(405);
  });

  test('large bodies and headers are refused, and what is no JSON', async () => {
    const { page } = await served();
    const post = (body: string) => ask(page, '/api/ask', bearer(page), { method: 'POST', body });
    expect((await post(JSON.stringify({ x: 'x'.repeat(70_000) }))).status).toBe(413);
    expect((await post('{')).status).toBe(400);
    expect((await post('7')).status).toBe(400);
    expect((await post('{"client":"nobody"}')).status).toBe(409);
    expect(
      await raw(page.port, `GET / HTTP/1.1\r\nX: ${'x'.repeat(10_000)}\r\n\r\n`),
    ).not.toContain('200');
  });
});

describe('the stream', () => {
  test('says who it is, then everything, then what differs', async () => {
    const { page, system } = await served();
    const client = await stream(page);
    await client.until(() => client.told.some(({ kind }) => kind === 'frame'));
    expect(client.told[0]).toMatchObject({
      v: 1,
      kind: 'hello',
      control: false,
      program: { name: 'test' },
    });
    const [full] = client.told.filter(({ kind }) => kind === 'frame');
    expect(full).toMatchObject({ full: true, systems: [{ system: 'test' }] });
    expect(JSON.stringify(full)).toContain('"names":[[1,"ann",null,');
    expect(page.clients).toBe(1);
    const other = system.spawn(idler);
    await system.settle();
    const later = () =>
      client.told.filter(({ kind, full: isFull }) => kind === 'frame' && isFull === false);
    const born = () =>
      later().some(({ systems }) => JSON.stringify(systems).includes(`"born":[[${other.serial}`));
    await client.until(born);
    client.close();
    await client.until(() => page.clients === 0);
  });

  test('SEC-13 without control every action is refused, and nothing happens', async () => {
    const { page, system, observer } = await served();
    expect(observer.actions).toBeUndefined();
    const client = await stream(page);
    await client.until(() => client.told.length > 0);
    const to = `test.1@${system.root.incarnation}`;
    for (const kind of ['send', 'exit', 'kill', 'suspend', 'resume', 'restart', 'panel']) {
      const body = JSON.stringify({
        client: client.told[0]?.['client'],
        ask: 1,
        action: { kind, to, message: { tag: 'x' } },
      });
      expect([
        kind,
        (await ask(page, '/api/act', bearer(page), { method: 'POST', body })).status,
      ]).toEqual([kind, 403]);
    }
    await system.settle();
    expect(system.actors()[0]).toMatchObject({ mailboxLength: 0, status: 'waiting' });
    client.close();
  });

  test('SEC-14 with control an action does what it says, and is a happening with who did it', async () => {
    const { page, system, observer } = await served({ control: true });
    const client = await stream(page);
    await client.until(() => client.told.length > 0);
    const events = observer.events({ kinds: ['action'] })[Symbol.asyncIterator]();
    const to = `test.1@${system.root.incarnation}`;
    const act = async (action: object) =>
      await ask(page, '/api/act', bearer(page), {
        method: 'POST',
        body: JSON.stringify({ client: client.told[0]?.['client'], ask: 1, action }),
      });
    expect(await act({ kind: 'send', to, message: { tag: 'x', secret: 's3cret' } })).toMatchObject({
      status: 200,
      body: '{"ok":true}',
    });
    await system.settle();
    expect(system.mailbox(system.whereis('ann') as Pid)).toEqual([{ tag: 'x', secret: 's3cret' }]);
    const { value } = await events.next();
    expect(value).toMatchObject({
      kind: 'action',
      ok: true,
      by: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    expect(JSON.stringify(value)).not.toContain('s3cret');
    expect((await act({ kind: 'suspend', to })).body).toContain('no_server');
    expect((await act({ kind: 'restart', to })).body).toContain('no_child');
    expect((await act({ kind: 'kill', to })).body).toBe('{"ok":true}');
    await system.settle();
    expect(system.actors()).toEqual([]);
    expect((await act({ kind: 'kill', to })).body).toContain('noproc');
    client.close();
  });

  test('SEC-14 with control a server is suspended and resumed, a child restarted, an actor told to end', async () => {
    const system = testSystem();
    await using observer = observe(system, { control: true });
    const { actions } = observer;
    const start = async (spec: Parameters<typeof supervisor>[0]) =>
      await system.result(system.start(supervisor(spec)));
    await start({
      children: [
        child(
          { id: 'ann', name: 'ann' },
          server(() => ({})),
        ),
      ],
    });
    await system.settle();
    const ann = () => system.whereis('ann') as Pid;
    const status = async () => (await observer.actor(ann()))?.status;
    expect(await system.result(actions?.suspend(ann()) as never)).toEqual({ ok: true });
    expect(await status()).toBe('suspended');
    expect(await system.result(actions?.resume(ann()) as never)).toEqual({ ok: true });
    expect(await status()).toBe('waiting');
    const before = ann();
    expect(await actions?.restart(before)).toEqual({ ok: true });
    await system.settle();
    expect([ann() === before, system.reasonOf(before)]).toEqual([false, 'killed']);
    const bea = system.spawn(idler);
    await system.settle();
    expect(await actions?.exit(bea, 'shutdown')).toEqual({ ok: true });
    await system.settle();
    expect(system.reasonOf(bea)).toBe('shutdown');
    system.crashes();
  });

  test('SEC-15 what the runtime keeps for itself cannot be sent', async () => {
    const { system, observer } = await served({ control: true });
    const pid = system.whereis('ann') as Pid;
    for (const tag of ['$request', '$system', 'EXIT', 'DOWN'])
      expect(await observer.actions?.send(pid, { tag } as Message)).toEqual({
        ok: false,
        reason: 'refused',
      });
    expect(
      await observer.actions?.send(pid, { tag: 'x', big: 'x'.repeat(70_000) } as Message),
    ).toEqual({ ok: false, reason: 'refused' });
    expect(await observer.actions?.send(pid, { tag: 'x' })).toEqual({ ok: true });
  });

  test('SEC-20 of a thousand clients 16 are served, and 984 are told why not', async () => {
    const { page } = await served();
    const clients = await Promise.all(Array.from({ length: 16 }, () => stream(page)));
    expect(new Set(clients.map(({ status }) => status))).toEqual(new Set([200]));
    for (let left = 984; left > 0; left -= 82) {
      const refused = await Promise.all(
        Array.from({ length: 82 }, () => ask(page, '/events', bearer(page))),
      );
      expect(refused.map(({ status }) => status)).toEqual(new Array(82).fill(503));
      expect(refused[0]?.body).toContain('16 others look at this already');
    }
    // Who was refused costs nothing from then on.
    expect(page.clients).toBe(16);
    for (const client of clients) client.close();
  }, 60_000);

  test('SEC-21 a client that reads nothing gets nothing, is closed, and costs the others nothing', async () => {
    const { observer, system } = await served();
    for (let i = 0; i < 20_000; i++) system.spawn(idler);
    const clients = new Clients(sourceOf(observer), () => {});
    const written = { deaf: 0, other: 0 };
    const held = { deaf: 0, other: 0 };
    const sequences: number[] = [];
    const seqOf = (text: string) => {
      const told = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '{}');
      return told.kind === 'frame' && told.full === false ? [told.seq as number] : [];
    };
    let isClosed = false;
    const response = (name: 'deaf' | 'other') =>
      ({
        destroyed: false,
        writableLength: 0,
        writableNeedDrain: false,
        write(text: string, taken: () => void) {
          written[name]++;
          held[name] += text.length;
          if (name === 'other') sequences.push(...seqOf(text));
          if (name === 'other') queueMicrotask(taken);
        },
        destroy() {
          if (name === 'deaf') isClosed = true;
        },
        end() {},
        socket: undefined,
      }) as never;
    const since = performance.now();
    clients.add(new Client('deaf', 'deaf', response('deaf')));
    clients.add(new Client('other', 'other', response('other')));
    const atFirst = written.deaf;
    const isFed = () => written.other > atFirst + 5;
    while (!(isClosed && isFed()) && performance.now() - since < 20_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isClosed).toBe(true);
    expect(performance.now() - since).toBeGreaterThan(1900);
    // What is held for it is what it was told at first; the other one has each frame.
    expect(written.deaf).toBe(atFirst);
    expect(held.deaf).toBeLessThan(4 * 1024 * 1024);
    expect(isFed()).toBe(true);
    const frames = sequences.filter((seq) => seq > 0);
    expect(frames).toEqual(frames.map((_, k) => (frames[0] as number) + k));
    expect(clients.all.size).toBe(1);
    clients.close('closed');
  }, 30_000);

  test('SEC-22 who is slow with a request, or with a body, is closed, and keeps nobody out', async () => {
    const { page } = await served();
    const head = `POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1:${page.port}\r\nAuthorization: Bearer ${page.token}`;
    const sender = connect(page.port, '127.0.0.1');
    sender.on('error', () => {});
    sender.write(`${head}\r\nContent-Length: 1000\r\n\r\n{`);
    const dripping = setInterval(() => sender.write('x'), 500);
    sender.resume();
    const slow: Socket[] = Array.from({ length: 100 }, () => {
      const socket = connect(page.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('GET / HT');
      return socket;
    });
    const closed = [sender, ...slow].map((socket) => once(socket, 'close'));
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
    const since = performance.now();
    await Promise.all(closed);
    clearInterval(dripping);
    expect(performance.now() - since).toBeLessThan(15_000);
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
  }, 30_000);

  test('SEC-24 a fault of a handler is an event of the page, and the program and the page go on', async () => {
    const { page, observer, system } = await served();
    const client = await stream(page);
    await client.until(() => client.told.length > 0);
    vi.spyOn(observer, 'actor').mockRejectedValueOnce(new Error('Not today'));
    const body = JSON.stringify({
      client: client.told[0]?.['client'],
      ask: 1,
      actor: `test.1@${system.root.incarnation}`,
    });
    const { status } = await ask(page, '/api/ask', bearer(page), { method: 'POST', body });
    expect(status).toBe(500);
    expect(await page.failed).toMatchObject({ message: 'Not today' });
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
    client.close();
  });

  test('SEC-24 a port that is taken rejects, and a client that resets breaks nothing', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const system = testSystem();
    await using observer = observe(system);
    await expect(servePage(observer, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    blocker.close();
    const { page } = await served();
    const socket = connect(page.port, '127.0.0.1');
    socket.write(
      `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${page.port}\r\nAuthorization: Bearer ${page.token}\r\n\r\n`,
    );
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect((await ask(page, '/', bearer(page))).status).toBe(200);
  });

  test('the end of the system is told, and ends the page’s streams', async () => {
    const { page, system } = await served();
    const client = await stream(page);
    await client.until(() => client.told.length > 0);
    await system.result(system.shutdown());
    await client.until(() => client.told.some(({ kind }) => kind === 'end'));
    expect(client.told.at(-1)).toMatchObject({ kind: 'end', reason: 'shutdown' });
  });
});

test('SEC-23 nothing of it keeps a program alive', () => {
  const program = `
    import { ActorSystem } from 'beamish';
    import { observe, servePage } from '@beamish/observer';
    const system = new ActorSystem({ log: 'off' });
    const observer = observe(system, { messages: 'always' });
    const page = await servePage(observer);
    system.spawn(function* () {});
    const { connect } = await import('node:net');
    for (let i = 0; i < 3; i++) {
      const socket = connect(page.port, '127.0.0.1');
      socket.unref();
      socket.write('GET /events HTTP/1.1\\r\\nHost: 127.0.0.1:' + page.port + '\\r\\nAuthorization: Bearer ' + page.token + '\\r\\n\\r\\n');
      if (i === 0) socket.pause();
      else socket.resume();
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    console.log('over', page.clients);
    process.on('exit', () => console.log(performance.now() - from < 2500 ? 'soon' : 'late'));
    const from = performance.now();
  `;
  expect(printedBy(program)).toBe('over 3\nsoon\n');
});
