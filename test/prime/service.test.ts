/** The service over HTTP: each line of its tables, checked against what it says of itself in OpenAPI. */

import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openapi } from '../../examples/prime/src/openapi.ts';
import { Program } from './program.ts';

let program: Program;
beforeAll(async () => {
  program = await Program.started();
}, 60_000);
afterAll(() => program[Symbol.asyncDispose]());

const SLOW = '18446744073709551557';
const ajv = new Ajv2020({ strict: false });
ajv.addSchema({ $id: 'openapi', ...openapi });

/** Answers as OpenAPI has them: the path, the status and the body. */
async function asked(path: string, method = 'GET', init: RequestInit = {}, template = path) {
  const response = await fetch(`${program.url}${path}`, { method, ...init });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  expect(response.headers.get('cache-control')).toBe('no-store');
  const paths = openapi.paths as Record<
    string,
    Record<string, { responses: Record<string, unknown> }>
  >;
  const told = paths[template]?.[method.toLowerCase()]?.responses[response.status];
  if (type.startsWith('application/json')) {
    expect(type).toBe('application/json; charset=utf-8');
    expect(text.endsWith('\n')).toBe(true);
    const ref = (told as { content?: Record<string, { schema?: { $ref: string } }> } | undefined)
      ?.content?.['application/json']?.schema?.$ref;
    const validate = ajv.getSchema(`openapi${ref ?? '#/components/schemas/Fault'}`);
    if (path !== '/openapi.json')
      expect(validate?.(JSON.parse(text)), `${text} ${JSON.stringify(validate?.errors)}`).toBe(
        true,
      );
  }
  return { status: response.status, text, headers: response.headers, isTold: told !== undefined };
}
const post = (body: string, headers: Record<string, string> = {}) =>
  asked('/', 'POST', { body, headers: { 'Content-Type': 'application/json', ...headers } });
const task = (id: string, query = '', method = 'GET') =>
  asked(`/${id}${query}`, method, {}, '/{id}');

async function idOf(body: string, headers?: Record<string, string>): Promise<string> {
  return (JSON.parse((await post(body, headers)).text) as { task_id: string }).task_id;
}

describe('PRM-01: a question', () => {
  test('is answered at once with the id of a task, which has the answer', async () => {
    const { status, text, headers, isTold } = await post('{"number": 11}');
    const { task_id } = JSON.parse(text) as { task_id: string };
    expect({ status, text, isTold }).toEqual({
      status: 200,
      text: `{"status":"success","task_id":"${task_id}"}\n`,
      isTold: true,
    });
    expect(headers.get('location')).toBe(`/${task_id}`);
    expect((await task(task_id, '?wait=10')).text).toBe(
      `{"task_id":"${task_id}","status":"SUCCESS","result":{"number":11,"is_prime":true,"certainty":"proven"}}\n`,
    );
  });

  test('keeps every digit', async () => {
    const id = await idOf('{"number": 2305843009213693951}');
    expect((await task(id, '?wait=10')).text).toContain(
      '"number":2305843009213693951,"is_prime":true',
    );
    const big = await idOf('{"number":"618970019642690137449562111"}');
    expect((await task(big, '?wait=10')).text).toContain(
      '"number":618970019642690137449562111,"is_prime":true,"certainty":"proven"',
    );
  });

  test('with Prefer: respond-async is answered with 202', async () => {
    expect((await post('{"number": 11}', { Prefer: 'respond-async' })).status).toBe(202);
  });

  test('with an Idempotency-Key is one task, and with another number refused', async () => {
    const key = { 'Idempotency-Key': 'order 66' };
    const id = await idOf('{"number": 11}', key);
    expect(await idOf('{"number": " 11 "}', key)).toBe(id);
    const reused = await post('{"number": 13}', key);
    expect(reused).toMatchObject({ status: 409, isTold: true });
    expect(reused.text).toContain('"idempotency_key_reused"');
    expect((await post('{"number": 11}', { 'Idempotency-Key': 'x'.repeat(256) })).status).toBe(400);
  });

  test.each([
    ['', 400, 'bad_json'],
    ['{"n": 1}', 400, 'missing_number'],
    ['{"number": 11.5}', 400, 'not_an_integer'],
    [`{"number": ${'9'.repeat(1001)}}`, 413, 'too_large'],
    [`{"number": ${'9'.repeat(17_000)}}`, 413, 'too_large'],
  ])('such as %.20s is refused', async (body, status, code) => {
    const refused = await post(body);
    expect(refused).toMatchObject({ status, isTold: true });
    expect(refused.text).toContain(`"error":"${code}"`);
  });

  test('in anything but JSON is refused, and without a type is taken as JSON', async () => {
    expect(await post('{"number": 11}', { 'Content-Type': 'text/plain' })).toMatchObject({
      status: 415,
      isTold: true,
    });
    const untyped = request(program.url, { method: 'POST' });
    untyped.end('{"number": 11}');
    const [response] = (await once(untyped, 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    expect(response.statusCode).toBe(200);
  });
});

describe('PRM-01: a task', () => {
  test('that nobody knows is not found', async () => {
    for (const id of ['nope', 'V1StGXR8_Z5jdHi6B-myT', '%20', 'a'.repeat(65)])
      expect(await task(id)).toMatchObject({ status: 404, isTold: true });
    expect((await task('nope')).text).toContain('There is no task nope');
    expect((await task('nope', '', 'DELETE')).status).toBe(404);
  });

  test('tells its progress, and ends when it is deleted', async () => {
    const id = await idOf(`{"number": "${SLOW}", "method": "trial"}`);
    const events = await fetch(`${program.url}/${id}/events`, {
      headers: { 'Last-Event-ID': '7' },
    });
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    let told = '';
    const reader = (events.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    while (!told.includes('"progress"')) told += decoder.decode((await reader.read()).value);
    expect(told).toMatch(
      /^event: state\nid: 8\ndata: \{"task_id":"[\w-]+","status":"(PENDING|STARTED)"/,
    );
    expect((await task(id, '?wait=0')).text).toMatch(/"status":"STARTED","progress":0\.\d+\}/);
    expect((await task(id, '', 'DELETE')).text).toBe(
      `{"task_id":"${id}","status":"REVOKED","error":{"type":"TaskRevoked","message":"Revoked by DELETE"}}\n`,
    );
    for (let read = await reader.read(); !read.done; read = await reader.read())
      told += decoder.decode(read.value);
    expect(told.trimEnd().split('\n').at(-1)).toContain('"status":"REVOKED"');
  });

  test('that has ended is not changed by DELETE', async () => {
    const id = await idOf('{"number": 7}');
    await task(id, '?wait=10');
    expect((await task(id, '', 'DELETE')).text).toContain('"status":"SUCCESS"');
  });

  test('is waited for at most a minute', async () => {
    const id = await idOf('{"number": 7}');
    for (const wait of ['61', '-1', 'soon'])
      expect((await task(id, `?wait=${wait}`)).status).toBe(400);
  });
});

describe('PRM-01: the rest', () => {
  test('a page without scripts from elsewhere, health, figures, and what it says of itself', async () => {
    const page = await asked('/');
    expect(page.text).toContain('<title>Prime?</title>');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect((await asked('/healthz')).text).toBe(
      '{"status":"ok","store":"ok","workers":12,"queued":0}\n',
    );
    const { text } = await asked('/metrics');
    for (const name of [
      'queued',
      'running',
      'oldest_seconds',
      'ended_total',
      'duration_seconds_bucket',
      'event_loop_lag_seconds',
    ])
      expect(text).toContain(`beamish_tasks_${name}`);
    expect(JSON.parse((await asked('/openapi.json')).text)).toEqual(
      JSON.parse(JSON.stringify(openapi)),
    );
  });

  test('another path is not found, another method not allowed', async () => {
    expect((await asked('/a/b/c')).status).toBe(404);
    const put = await asked('/', 'PUT');
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect((await asked('/x', 'PATCH')).headers.get('allow')).toBe('GET, DELETE');
  });
});

describe('PRM-05: refused is', () => {
  const status = (headers: Record<string, string>, method = 'POST'): Promise<number> =>
    new Promise((resolve, reject) => {
      const asking = request(program.url, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asking.on('error', reject);
      asking.end(method === 'POST' ? '{"number": 11}' : undefined);
    });

  test('a Host that is not the one it listens on, and the Origin of another site', async () => {
    const { port } = new URL(program.url);
    expect(await status({ Host: 'evil.example' })).toBe(403);
    expect(await status({ Host: `localhost:${port}` })).toBe(200);
    expect(await status({ Origin: 'https://evil.example' })).toBe(403);
    expect(await status({ Origin: 'null' })).toBe(403);
    expect(await status({ Origin: program.url })).toBe(200);
    expect(await status({ Origin: 'https://evil.example' }, 'DELETE')).toBe(403);
  });

  test('a body that never ends, with an answer, and the connection is closed', async () => {
    const { hostname, port } = new URL(program.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `4000\r\n${'9'.repeat(0x4000)}\r\n`;
    const feed = setInterval(() => socket.write(chunk), 1);
    let text = '';
    socket.setEncoding('utf8').on('data', (data: string) => {
      text += data;
    });
    socket.on('error', () => {});
    await once(socket, 'close');
    clearInterval(feed);
    expect(text).toMatch(/^HTTP\/1\.1 413/);
  });
});

/** How often a reader comes and goes; 10,000 in the long form. */
const STREAMS = Number(process.env['BEAMISH_PRIME_STREAMS'] ?? 300);

test(`PRM-04: of ${STREAMS} event streams that their readers close, no listener is left`, async () => {
  const id = await idOf(`{"number": "${SLOW}", "method": "trial"}`);
  const { hostname, port } = new URL(program.url);
  const comeAndGo = async (): Promise<void> => {
    const socket = connect(Number(port), hostname);
    socket.write(`GET /${id}/events HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(first.toString()).toMatch(/^HTTP\/1\.1 200/);
  };
  for (let i = 0; i < STREAMS; i += 50) await Promise.all(Array.from({ length: 50 }, comeAndGo));
  await expect
    .poll(async () => /beamish_streams (\d+)/.exec((await asked('/metrics')).text)?.[1], {
      timeout: 25_000,
    })
    .toBe('0');
  await task(id, '', 'DELETE');
}, 120_000);
