/** How messages become bytes, and bytes messages. */

export interface Codec<M> {
  /** What it says of the bytes on a wire and on disk, as a media type. */
  readonly contentType: string;
  /** @throws TypeError for what would not come back as it is, with its place. */
  encode(message: M): Uint8Array;
  /** @throws whatever it likes for what it cannot read: then the message is `'invalid'`. */
  decode(bytes: Uint8Array): M;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
/** Half of a pair, which UTF-8 cannot say. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** `application/json`. Refuses bigint, Date, Map, Set, NaN, functions, instances and `__proto__`; drops undefined properties. */
export const json: Codec<unknown> = {
  contentType: 'application/json',
  encode(message) {
    checkJson(message, 'message', []);
    return encoder.encode(JSON.stringify(message));
  },
  decode: (bytes) => JSON.parse(decoder.decode(bytes), refuseProto),
};

/** `application/octet-stream`: the message is a `Uint8Array`. */
export const bytes: Codec<Uint8Array> = {
  contentType: 'application/octet-stream',
  encode(message) {
    if (!(message instanceof Uint8Array)) {
      throw new TypeError(`Cannot encode ${describe(message)} as bytes: it is no Uint8Array`);
    }
    return message;
  },
  decode: (encoded) => encoded,
};

/** `text/plain; charset=utf-8`. */
export const text: Codec<string> = {
  contentType: 'text/plain; charset=utf-8',
  encode(message) {
    if (typeof message !== 'string') {
      throw new TypeError(`Cannot encode ${describe(message)} as text: it is no string`);
    }
    if (LONE_SURROGATE.test(message)) {
      throw new TypeError('Cannot encode a text with half of a surrogate pair as UTF-8');
    }
    return encoder.encode(message);
  },
  decode: (encoded) => decoder.decode(encoded),
};

/** Reads by content type, with `own` before the three that everybody knows. @throws what the codec throws, TypeError if none knows the type. */
export function decodeBy(
  contentType: string | undefined,
  encoded: Uint8Array,
  own: Codec<unknown> | undefined,
): unknown {
  for (const codec of [own, json, bytes, text] as readonly (Codec<unknown> | undefined)[]) {
    if (codec !== undefined && mediaType(codec.contentType) === mediaType(contentType ?? ''))
      return codec.decode(encoded);
  }
  throw new TypeError(
    `Cannot decode a message of content type "${contentType ?? ''}": no codec of its queue reads it`,
  );
}

/** Without parameters, which say nothing that these codecs do not know. */
function mediaType(contentType: string): string {
  return (contentType.split(';')[0] as string).trim().toLowerCase();
}

/** `within` are the objects that hold `value`, since a cycle has no JSON. */
function checkJson(value: unknown, path: string, within: object[]): void {
  switch (typeof value) {
    case 'string':
      if (LONE_SURROGATE.test(value)) refuse(path, 'a string with half of a surrogate pair');
      return;
    case 'boolean':
      return;
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0)) refuse(path, showNumber(value));
      return;
    case 'object':
      if (value !== null) checkObject(value, path, within);
      return;
    default:
      refuse(path, describe(value));
  }
}

function checkObject(value: object, path: string, within: object[]): void {
  if (within.includes(value)) refuse(path, 'an object that contains itself');
  within.push(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkJson(value[i], `${path}[${i}]`, within);
  } else {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) refuse(path, describe(value));
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
      refuse(path, 'an object with toJSON');
    }
    for (const name of Object.keys(value)) {
      if (name === '__proto__') refuse(`${path}.__proto__`, 'a property of that name');
      const inner = (value as Record<string, unknown>)[name];
      if (inner !== undefined) checkJson(inner, `${path}.${name}`, within);
    }
  }
  within.pop();
}

function refuse(path: string, what: string): never {
  throw new TypeError(`Cannot encode ${path} as JSON: it is ${what}, which would not come back`);
}

function showNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function describe(value: unknown): string {
  if (typeof value === 'bigint') return `the bigint ${value}`;
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
  return `an instance of ${value.constructor?.name ?? 'no class'}`;
}

function refuseProto(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new TypeError('Cannot decode JSON with a property "__proto__"');
  return value;
}
