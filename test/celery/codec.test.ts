import { describe, expect, test } from 'vitest';
import { type Call, readCall } from '../../packages/celery/src/messages/call.ts';
import { callMessage } from '../../packages/celery/src/messages/call-message.ts';
import { pack, unpack } from '../../packages/celery/src/messages/envelope.ts';
import { readResult, writeReply, writeStored } from '../../packages/celery/src/messages/result.ts';
import type { WireMessage } from '../../packages/celery/src/messages/wire-message.ts';
import { exceptionOf, failedErrorOf } from '../../packages/celery/src/terms/exception.ts';
import { named, wireId } from '../../packages/celery/src/terms/identity.ts';
import { momentOf, readJson, writeJson } from '../../packages/celery/src/terms/json.ts';
import { reprOf, reprOfArguments } from '../../packages/celery/src/terms/repr.ts';
import { fixture, fixtureNames, isTask, messagesIn, storedIn } from './fixtures.ts';

const US = { origin: 'gen1@here', show: 'repr' } as const;

function callOf(message: WireMessage): Call {
  const reading = readCall(message);
  if (reading.kind !== 'call') throw new Error(`It is ${JSON.stringify(reading)}`);
  return reading.call;
}

function messageWith(body: string, headers: Record<string, unknown> = {}): WireMessage {
  return {
    properties: { content_type: 'application/json', content_encoding: 'utf-8' },
    headers: { lang: 'py', task: 't.add', id: 'an-id', ...headers },
    body,
  };
}

/** JavaScript's dates have no microseconds. */
function toMs({ eta, expires }: Readonly<Record<string, unknown>>): object {
  const cut = (date: unknown) =>
    typeof date === 'string' ? date.replace(/(\.\d{3})\d{3}/, '$1000') : null;
  return { eta: cut(eta), expires: cut(expires) };
}

function argumentsOf(text: string, numbers = {}): readonly unknown[] {
  const reading = readCall(messageWith(`[${text},{},{}]`), numbers);
  if (reading.kind !== 'call') throw new Error(reading.kind);
  return reading.call.args;
}

describe("a task's message", () => {
  test('CEL-01 is, property by property and header by header, what a Python client writes, but for lang and origin', () => {
    const [python] = messagesIn(fixture('amqp-task-simple.celery-5.2.6'));
    const { properties, headers } = python as WireMessage;
    const id = String(headers['id']);
    const ours = callMessage(
      { id, name: 'capapp.add', args: [2, 3], replyTo: String(properties.reply_to) },
      US,
    );
    expect(ours.properties).toEqual(properties);
    expect(ours.headers).toEqual({ ...headers, lang: 'js', origin: 'gen1@here' });
  });

  test('CEL-02 has a body of exactly three, the last with callbacks, errbacks, chain and chord', () => {
    const { body } = callMessage({ id: 'x', name: 'add', args: [2, 3] }, US);
    expect(JSON.parse(body)).toEqual([
      [2, 3],
      {},
      { callbacks: null, errbacks: null, chain: null, chord: null },
    ]);
  });

  test('CEL-03 never lacks an id, a task or one of the three parts of its body, whatever the arguments', () => {
    for (const args of [[], [undefined], [null], [[]], [{}], [''], [{ args: [] }]]) {
      const { headers, body } = callMessage({ id: 'x', name: 'add', args }, US);
      expect([headers['id'], headers['task'], headers['lang']]).toEqual(['x', 'add', 'js']);
      expect(JSON.parse(body)).toHaveLength(3);
    }
    expect(() => callMessage({ id: '', name: 'add', args: [] }, US)).toThrow(
      'neither may be empty',
    );
    expect(() => callMessage({ id: 'x', name: '', args: [] }, US)).toThrow('neither may be empty');
  });

  const recorded = fixtureNames(/^(amqp|redis)-(task|flow)-/);

  test('CEL-05 is read from every recording, and equal in meaning when we write what was read', () => {
    let count = 0;
    for (const name of recorded) {
      for (const python of messagesIn(fixture(name)).filter(isTask)) {
        const call = callOf(python);
        const ours = callMessage(call, US);
        expect(callOf(ours), name).toEqual(call);
        const { replaced_task_nesting, stamped_headers, stamps, ...headers } = python.headers;
        expect(ours.headers, name).toEqual({
          ...headers,
          ...toMs(headers),
          lang: 'js',
          origin: 'gen1@here',
        });
        const follows = { callbacks: null, errbacks: null, chain: null, chord: null };
        const [args, kwargs, embed] = readJson(python.body) as [unknown, unknown, object];
        const [ourArgs, ourKwargs, ourEmbed] = readJson(ours.body) as unknown[];
        expect([ourArgs, ourKwargs], name).toEqual([args, kwargs]);
        expect(Object.keys(ourEmbed as object), name).toEqual(Object.keys(follows));
        expect(callOf({ ...python, body: ours.body }), name).toEqual(
          callOf({ ...python, body: writeJson([args, kwargs, embed]) }),
        );
        count++;
      }
    }
    expect(recorded.length).toBeGreaterThanOrEqual(80);
    expect(count).toBeGreaterThan(150);
  });

  test('CEL-06 keeps headers that nobody knows, and gives them along', () => {
    const [python] = messagesIn(fixture('amqp-task-retry_policy_headers.celery-5.6.3'));
    const call = callOf(python as WireMessage);
    expect(call.headers).toEqual({ 'x-trace': 'abc' });
    expect(call.shadow).toBe('shadow.name');
    expect(callMessage(call, US).headers['x-trace']).toBe('abc');
  });

  test('CEL-07 has an eta with an offset, without one, which is UTC, or with Z', () => {
    const at = Date.UTC(2020, 0, 1, 10);
    for (const eta of [
      '2020-01-01T12:00:00+02:00',
      '2020-01-01T10:00:00',
      '2020-01-01T10:00:00Z',
      '2020-01-01T10:00:00.000000+00:00',
      '2020-01-01 10:00:00',
    ])
      expect(callOf(messageWith('[[],{},{}]', { eta })).eta, eta).toBe(at);
    expect(momentOf('2020-01-01T10:00:00.123456+00:00')).toBe(at + 123);
    expect(momentOf('not a date')).toBeUndefined();
  });

  test('CEL-08 has time limits, the hard one first, in seconds', () => {
    const limits = (timelimit: unknown) => {
      const { hardMs, softMs } = callOf(messageWith('[[],{},{}]', { timelimit }));
      return [hardMs, softMs];
    };
    expect(limits([300, 60])).toEqual([300_000, 60_000]);
    expect(limits([null, 1])).toEqual([undefined, 1000]);
    expect(limits(null)).toEqual([undefined, undefined]);
    const { headers } = callMessage(
      { id: 'x', name: 'a', args: [], hardMs: 9000, softMs: 500 },
      US,
    );
    expect(headers['timelimit']).toEqual([9, 0.5]);
  });

  test('CEL-10 shows its arguments as Python does, at most 1,024 characters of them, or hides them', () => {
    expect(reprOfArguments([2, 3])).toBe('(2, 3)');
    expect(reprOfArguments(['kaput'])).toBe("('kaput',)");
    expect(reprOf({})).toBe('{}');
    expect(reprOf({ b: 5, c: [1, { n: null }] })).toBe("{'b': 5, 'c': [1, {'n': None}]}");
    expect(reprOf([true, false, 1.5, 2n ** 64n, "it's", 'a"b', 'a\nb'])).toBe(
      `[True, False, 1.5, 18446744073709551616, "it's", 'a"b', 'a\\nb']`,
    );
    expect(reprOfArguments(['x'.repeat(5000)])).toHaveLength(1024);
    expect(reprOfArguments([Array.from({ length: 100_000 }, (_, i) => i)])).toHaveLength(1024);
    for (const name of ['simple', 'kwargs', 'expires']) {
      const [python] = messagesIn(fixture(`amqp-task-${name}.celery-5.6.3`)) as unknown as [
        WireMessage,
      ];
      const { args, kwargs } = callOf(python);
      expect(reprOfArguments(args)).toBe(python.headers['argsrepr']);
      expect(reprOf(kwargs)).toBe(python.headers['kwargsrepr']);
    }
    const hidden = callMessage({ id: 'x', name: 'a', args: ['secret'] }, { ...US, show: 'none' });
    expect([hidden.headers['argsrepr'], hidden.headers['kwargsrepr']]).toEqual(['...', '...']);
    expect(JSON.stringify(hidden.headers)).not.toContain('secret');
  });

  test('CEL-52 is kept in Redis as kombu keeps it', () => {
    const [python] = messagesIn(fixture('redis-flow-success.celery-5.2.6')).filter(isTask);
    const { exchange, routingKey, properties, headers, body } = python as ReturnType<typeof unpack>;
    const text = pack({ properties, headers, body }, { exchange, key: routingKey }, 'a-tag');
    expect(unpack(text)).toEqual({ ...python, tag: 'a-tag' });
    const envelope = JSON.parse(text) as Record<string, Record<string, unknown>>;
    expect(Object.keys(envelope)).toEqual([
      'body',
      'content-encoding',
      'content-type',
      'headers',
      'properties',
    ]);
    expect(envelope['properties']).toMatchObject({
      delivery_mode: 2,
      delivery_info: { exchange: '', routing_key: 'celery' },
      body_encoding: 'base64',
      delivery_tag: 'a-tag',
    });
  });
});

describe("Celery's JSON", () => {
  test('CEL-11 has integers of any size, which are bigints above 2^53 and go back digit by digit', () => {
    expect(argumentsOf('[9007199254740993, 1, -9223372036854775809]')).toEqual([
      9007199254740993n,
      1,
      -9223372036854775809n,
    ]);
    expect(writeJson([9007199254740994n, 2n ** 63n + 1n, 5n])).toBe(
      '[9007199254740994,9223372036854775809,5]',
    );
    expect(
      readJson('[9007199254740991, 1.5e300, 12345678901234567890.5, "12345678901234567890"]'),
    ).toEqual([
      9007199254740991,
      1.5e300,
      Number('12345678901234567890.5'),
      '12345678901234567890',
    ]);
    expect(readCall(messageWith('[[9007199254740993],{},{}]'), { large: 'refuse' })).toMatchObject({
      kind: 'invalid',
      error: { exc_type: 'InvalidTaskError' },
    });
  });

  test('CEL-12 has NaN and infinities, which are refused or null, and which we never write', () => {
    expect(readCall(messageWith('[[NaN, Infinity],{},{}]'))).toMatchObject({
      kind: 'invalid',
      id: 'an-id',
      error: { exc_type: 'InvalidTaskError', exc_message: [expect.stringContaining('NaN')] },
    });
    expect(argumentsOf('[NaN, -Infinity, "NaN"]', { notFinite: 'null' })).toEqual([
      null,
      null,
      'NaN',
    ]);
    expect(() => writeJson([1, { a: Number.NaN }])).toThrow(
      'Cannot send it as JSON at [1].a: it is NaN',
    );
    expect(() => writeJson([Number.POSITIVE_INFINITY])).toThrow('it is Infinity');
  });

  test('CEL-13 has tagged objects, all of which are read; those of unknown types stay what they are', () => {
    const tagged = (type: string, value: unknown) =>
      (argumentsOf(`[${JSON.stringify({ __type__: type, __value__: value })}]`) as [unknown])[0];
    expect(tagged('datetime', '2020-01-01T00:00:00')).toEqual(new Date('2020-01-01T00:00:00Z'));
    expect(tagged('date', '2020-01-02')).toEqual(new Date('2020-01-02T00:00:00Z'));
    expect(tagged('time', '12:30:00')).toBe('12:30:00');
    expect(tagged('decimal', '1.10')).toBe('1.10');
    expect(tagged('uuid', { hex: '0123456789abcdef0123456789abcdef' })).toBe(
      '01234567-89ab-cdef-0123-456789abcdef',
    );
    expect(tagged('bytes', 'é')).toEqual(new Uint8Array([0xc3, 0xa9]));
    expect(tagged('base64', '/w==')).toEqual(new Uint8Array([255]));
    expect(tagged('zzz', 1)).toEqual({ __type__: 'zzz', __value__: 1 });
    const written = writeJson([
      new Date(0),
      new Uint8Array([255]),
      { __type__: 'zzz', __value__: 1 },
    ]);
    expect(JSON.parse(written)).toEqual([
      { __type__: 'datetime', __value__: '1970-01-01T00:00:00.000000+00:00' },
      { __type__: 'base64', __value__: '/w==' },
      { __type__: 'zzz', __value__: 1 },
    ]);
    expect(readJson(written)).toEqual([
      new Date(0),
      new Uint8Array([255]),
      { __type__: 'zzz', __value__: 1 },
    ]);
  });

  test('CEL-14 has text of every alphabet, escaped or not', () => {
    const text = 'é☃ 𝄞 \u2028 "\\" __type__ NaN 9007199254740993';
    const escaped = [...JSON.stringify(text)]
      .flatMap((c) => [...Array(c.length).keys()].map((i) => c.charCodeAt(i)))
      .map((code) =>
        code < 127 ? String.fromCharCode(code) : `\\u${code.toString(16).padStart(4, '0')}`,
      )
      .join('');
    expect(argumentsOf(`[${escaped}, ${JSON.stringify(text)}]`)).toEqual([text, text]);
    const [python] = messagesIn(fixture('amqp-task-kwargs.celery-5.2.6')) as unknown as [
      WireMessage,
    ];
    expect(callOf(python).kwargs).toEqual({ b: 5, c: [1, { n: null }] });
  });

  test('is read without harm however deep it is nested, and whatever its keys are called', () => {
    const deep = `[${'['.repeat(100_000)}${']'.repeat(100_000)},9007199254740993]`;
    expect(readCall(messageWith(`[${deep},{},{}]`))).toMatchObject({ kind: 'invalid' });
    const { kwargs } = callOf(
      messageWith('[[9007199254740993],{"__proto__":{"a":1},"constructor":2},{}]'),
    );
    expect(Object.entries(kwargs)).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
    ]);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });
});

describe('protocol 1', () => {
  const { cases, published } = fixture('protocol-1.celery-5.2.6') as {
    readonly cases: readonly { readonly body: object; readonly effect: string }[];
    readonly published: Readonly<Record<string, Record<string, unknown>>>;
  };
  const read = (body: object) =>
    callOf({ properties: {}, headers: {}, body: writeJson({ ...body, id: 'an-id' }) });

  test('CEL-15 is read with all fields, with few, and without arguments', () => {
    expect(cases.map(({ body }) => read(body)).map(({ name, args }) => [name, args])).toEqual([
      ['t.add', [5, 6]],
      ['t.add', [5, 6]],
      ['t.add', []],
    ]);
    const [full] = messagesIn({ at: published['kwargs, countdown, expires, priority'] });
    const call = callOf(full as WireMessage);
    expect(call).toMatchObject({ args: [1], kwargs: { k: 'é' }, priority: 5, retries: 0 });
    expect(call.replyTo).toBe('3847fc11-343a-3db7-a6a1-7a2473e9f667');
    expect((call.expires ?? 0) - (call.eta ?? 0)).toBe(60_000);
    expect(
      callOf(messagesIn({ at: published['link_error, time limits'] })[0] as WireMessage),
    ).toMatchObject({
      hardMs: 9000,
      softMs: 5000,
      errbacks: [{ task: 't.onerr' }],
    });
  });

  test('CEL-81 has its chain in callbacks with ids, and a part of a chord says so in its body', () => {
    const chain = callOf(messagesIn({ at: published['chain'] })[0] as WireMessage);
    expect(chain.callbacks).toMatchObject([
      { task: 't.add', args: [3], options: { task_id: '62645108-8bd0-4c04-9eb1-63f40b906dd9' } },
    ]);
    const { body } = published['chord part'] as { readonly body: unknown };
    const part = callOf({ properties: {}, headers: {}, body: writeJson(body) });
    expect(part).toMatchObject({
      groupId: 'f152d22e-9ec8-4229-b168-9362e03cc997',
      groupIndex: 0,
      chord: { task: 't.tsum', options: { task_id: '0687c9ce-1244-4b96-8f1f-22d99d2ebbfd' } },
    });
  });

  test('CEL-16 is what an object with args is, whatever the headers', () => {
    expect(callOf(messageWith('{"args":[1,2]}'))).toMatchObject({
      name: 't.add',
      id: 'an-id',
      args: [1, 2],
    });
  });
});

describe('what should not have come', () => {
  const { cases } = fixture('malformed.celery-5.2.6') as {
    readonly cases: readonly {
      readonly case: string;
      readonly headers: Record<string, unknown>;
      readonly body: string;
      readonly content_type?: string;
    }[];
  };

  test('CEL-17 is read without an error, and is a call, or invalid with a reason, or stray', () => {
    const kinds = Object.fromEntries(
      cases.map(({ case: name, headers, body, content_type }) => {
        const type = content_type ?? 'application/json';
        const { kind } = readCall({ properties: { content_type: type }, headers, body });
        return [name, kind];
      }),
    );
    expect(kinds).toMatchObject({
      'embed null': 'call',
      'embed {}': 'call',
      'no lang header': 'call',
      'two-element body': 'invalid',
      'empty body': 'invalid',
      'no id header': 'stray',
      'object body with v2 headers': 'call',
      'body that is not JSON': 'invalid',
      pickle: 'invalid',
      'text/plain': 'invalid',
      'eta that is no date': 'invalid',
      'expires that is no date': 'invalid',
      'kwargs null': 'invalid',
      'kwargs a list': 'invalid',
      'args null': 'invalid',
      'args an object': 'invalid',
      'callbacks not a list': 'invalid',
      'chain of what is no signature': 'invalid',
      'chord that is no signature': 'call',
      'timelimit null': 'call',
      'retries as text': 'call',
      "protocol 1, object without 'task'": 'stray',
      'protocol 1, a list': 'stray',
    });
  });

  test('CEL-18 has a content type that nobody here reads, and says which', () => {
    for (const type of ['application/x-python-serialize', 'application/x-yaml', 'text/plain'])
      expect(
        readCall({ ...messageWith('[[],{},{}]'), properties: { content_type: type } }),
      ).toMatchObject({
        kind: 'invalid',
        id: 'an-id',
        error: { exc_message: [expect.stringContaining(type)] },
      });
  });

  test('CEL-19 has an eta or expiry that is no date, or keyword arguments that are no object: InvalidTaskError', () => {
    for (const [body, headers] of [
      ['[[],{},{}]', { eta: 'not a date' }],
      ['[[],{},{}]', { expires: 'nope' }],
      ['[[],null,{}]', {}],
    ] as const)
      expect(readCall(messageWith(body, headers))).toMatchObject({
        kind: 'invalid',
        error: { exc_type: 'InvalidTaskError', exc_module: 'celery.exceptions' },
      });
  });
});

describe('results', () => {
  test('CEL-22 name an exception that Python has with its module, and one that it has not without', () => {
    expect(exceptionOf({ name: 'TypeError', message: 'x' })).toEqual({
      exc_type: 'TypeError',
      exc_message: ['x'],
      exc_module: 'builtins',
    });
    expect(exceptionOf({ name: 'RangeError', message: 'y' }).exc_module).toBeNull();
  });

  test('CEL-23 of failures are never null, whatever was thrown', () => {
    const odd = [
      { name: '', message: '' },
      { name: undefined, message: null },
    ] as never[];
    for (const thrown of odd)
      expect(exceptionOf(thrown)).toEqual({
        exc_type: 'Error',
        exc_message: [expect.any(String)],
        exc_module: null,
      });
  });

  test("CEL-24 of Python's failures have the exception's name, its message, and the traceback as the stack", () => {
    const [stored] = storedIn(fixture('redis-flow-failure.celery-5.2.6')).filter((it) =>
      it.includes('FAILURE'),
    );
    expect(readResult(stored as string)).toMatchObject({
      answer: {
        kind: 'failed',
        error: {
          name: 'ValueError',
          message: 'kaput',
          stack: expect.stringContaining('ValueError: kaput'),
        },
      },
    });
    expect(failedErrorOf(null, null)).toEqual({ name: 'Error', message: 'Error' });
    expect(failedErrorOf({ exc_type: 'X', exc_message: 'text' }, null)).toMatchObject({
      message: 'text',
    });
  });

  test('CEL-26 are read from every recording of both versions', () => {
    const stored = fixtureNames(/^redis-flow-/).flatMap((name) => storedIn(fixture(name)));
    expect(stored.length).toBeGreaterThan(60);
    for (const text of stored) expect(readResult(text)?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('CEL-26 are written with the fields that Celery writes', () => {
    const fields = (text: string) => Object.keys(JSON.parse(text) as object).sort();
    const success = { status: 'SUCCESS', result: 5 } as const;
    const whose = { id: 'x', groupId: undefined, parentId: undefined };
    const recorded = storedIn(fixture('redis-flow-success.celery-5.2.6')).find((it) =>
      it.includes('SUCCESS'),
    );
    const ours = writeStored(whose, success, 0);
    expect(fields(ours)).toEqual(fields(recorded as string));
    expect(JSON.parse(ours)).toMatchObject({ date_done: '1970-01-01T00:00:00.000000+00:00' });
    expect(JSON.parse(writeStored(whose, { status: 'STARTED', result: {} }, 0))).toMatchObject({
      date_done: null,
    });
    const grouped = { id: 'x', groupId: 'g', parentId: 'p' };
    expect(JSON.parse(writeStored(grouped, success, 0))).toMatchObject({
      group_id: 'g',
      parent_id: 'p',
    });
  });

  test('CEL-28 by rpc are as Celery sends them', () => {
    const recorded = fixture('result-rpc.celery-5.6.3') as Record<
      string,
      { readonly body: object }
    >;
    for (const { body } of Object.values(recorded))
      expect(readResult(writeJson(body))?.id).toBeDefined();
    const whose = { id: 'x', groupId: undefined, parentId: undefined };
    const ours = writeReply(whose, { status: 'SUCCESS', result: 5 });
    expect(Object.keys(JSON.parse(ours) as object).sort()).toEqual(
      Object.keys(recorded['SUCCESS']?.body ?? {}).sort(),
    );
    expect(
      JSON.parse(writeReply(whose, { status: 'RETRY', result: {}, children: ['x'] })),
    ).toMatchObject({
      children: [[['x', null], null]],
    });
  });
});

describe('ids', () => {
  test('are UUIDs on the wire, the same one for the same id', () => {
    const uuid = '44ed9d84-2d77-4553-a25a-3ec6154f09a0';
    expect(wireId(uuid)).toBe(uuid);
    expect(wireId('V1StGXR8_Z5jdHi6B-myT')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(named('a')).toBe(named('a'));
    expect(named('a')).not.toBe(named('b'));
  });
});
