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
  encode: (message) => encoder.encode(jsonText(message)),
  decode(bytes) {
    const text = decoder.decode(bytes);
    // To be asked of each property takes several times as long.
    return MAY_NAME_PROTO.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  },
};

/** What `json` encodes, as text: for who has a faster way to make bytes of it. @throws TypeError as `json` does */
export function jsonText(message: unknown): string {
  const fault = faultOf(message, []);
  if (fault !== undefined) refuse(`message${fault.path}`, fault.what);
  return JSON.stringify(message);
}

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
    if (codec !== undefined && isSameType(codec.contentType, contentType ?? ''))
      return codec.decode(encoded);
  }
  throw new TypeError(
    `Cannot decode a message of content type "${contentType ?? ''}": no codec of its queue reads it`,
  );
}

function isSameType(a: string, b: string): boolean {
  return a === b || mediaType(a) === mediaType(b);
}

/** Without parameters, which say nothing that these codecs do not know. */
function mediaType(contentType: string): string {
  return (contentType.split(';')[0] as string).trim().toLowerCase();
}

/** The name as it is, or in escapes. */
const MAY_NAME_PROTO = /__proto__|\\u/;

/** What has no JSON in a value, and where. */
interface Fault {
  /** From the value: put together on the way out, as there is seldom one. */
  readonly path: string;
  readonly what: string;
}

/** `within` are the objects that hold `value`, since a cycle has no JSON. */
function faultOf(value: unknown, within: object[]): Fault | undefined {
  switch (typeof value) {
    case 'string':
      return LONE_SURROGATE.test(value)
        ? here('a string with half of a surrogate pair')
        : undefined;
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? undefined : here(showNumber(value));
    case 'object':
      return value === null ? undefined : faultIn(value, within);
    default:
      return here(describe(value));
  }
}

function faultIn(value: object, within: object[]): Fault | undefined {
  if (within.includes(value)) return here('an object that contains itself');
  within.push(value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const fault = faultOf(value[i], within);
      if (fault !== undefined) return { ...fault, path: `[${i}]${fault.path}` };
    }
  } else {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return here(describe(value));
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
      return here('an object with toJSON');
    for (const name of Object.keys(value)) {
      const inner = (value as Record<string, unknown>)[name];
      const fault =
        name === '__proto__'
          ? here('a property of that name')
          : inner === undefined
            ? undefined
            : faultOf(inner, within);
      if (fault !== undefined) return { ...fault, path: `.${name}${fault.path}` };
    }
  }
  within.pop();
  return undefined;
}

function here(what: string): Fault {
  return { path: '', what };
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
