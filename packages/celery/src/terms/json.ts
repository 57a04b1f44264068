/**
 * Celery's JSON, both ways. Python's writes what JSON has not: NaN, infinities and integers of any size; kombu
 * adds tagged objects (`{"__type__": "datetime", "__value__": "…"}`). All of that is read. What is written is
 * JSON that every reader takes: no NaN, integers as digits, dates and bytes as kombu tags them.
 */

const TYPE = '__type__';
const VALUE = '__value__';
/** Deeper is refused: nobody means it, and walking it would overflow the stack. */
const DEEPEST = 1000;

/** How integers beyond 2⁵³, NaN and infinities are read. */
export interface Numbers {
  /** Beyond 2^53. Default `'bigint'`. */
  readonly large?: 'bigint' | 'refuse';
  /** `NaN` and infinities. Default `'refuse'`. */
  readonly notFinite?: 'refuse' | 'null';
}

/** What was read is nothing that a program is given, or what was to be written is nothing that JSON has. */
export class NotJson extends TypeError {
  override get name(): string {
    return 'NotJson';
  }
}

/** @throws NotJson for what is no JSON at all, and for numbers that are not wanted. */
export function readJson(text: string, numbers: Numbers = {}): unknown {
  if (!/\d{16}|NaN|Infinity|__type__/.test(text)) return parsed(text);
  // Nobody can forge what is fresh for each text.
  const mark = `number ${crypto.randomUUID()}`;
  return revive(parsed(withMarkedNumbers(text, mark)), { mark, ...numbers }, 0);
}

/** @throws NotJson with the place of what JSON has not. */
export function writeJson(value: unknown): string {
  return isPlain(value, 0) ? (JSON.stringify(value) ?? 'null') : write(value, '', 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotJson(`Cannot read it as JSON: ${(error as Error).message}`);
  }
}

/** Strings are passed over. */
function withMarkedNumbers(text: string, mark: string): string {
  return text.replace(
    /"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g,
    (token: string) => {
      if (token.startsWith('"')) return token;
      const isLarge = /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
      const isMarked = isLarge || /[aI]/.test(token);
      return isMarked ? `{"${mark}":"${token}"}` : token;
    },
  );
}

interface Reading extends Numbers {
  readonly mark: string;
}

function revive(value: unknown, reading: Reading, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST)
    throw new NotJson(`Cannot read it: it is nested over ${DEEPEST} levels deep`);
  if (Array.isArray(value)) return value.map((each) => revive(each, reading, depth + 1));
  const record = value as Record<string, unknown>;
  const marked = record[reading.mark];
  if (marked !== undefined) return numberOf(marked as string, reading);
  const fields: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(record))
    put(fields, key, revive(field, reading, depth + 1));
  return typeof fields[TYPE] === 'string' ? untagged(fields) : fields;
}

function put(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') fields[key] = value;
  else
    Object.defineProperty(fields, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
}

function numberOf(token: string, { large, notFinite }: Reading): unknown {
  if (/[aI]/.test(token)) {
    if (notFinite === 'null') return null;
    throw new NotJson(`Cannot take ${token}: it is no finite number`);
  }
  if (large === 'refuse') throw new NotJson(`Cannot take ${token}: it is beyond 2^53`);
  return BigInt(token);
}

/** As kombu 5.3 and later tag it; what nobody knows stays what it is. */
function untagged(fields: Record<string, unknown>): unknown {
  const inner = fields[VALUE];
  switch (fields[TYPE]) {
    case 'datetime':
    case 'date': {
      const ms = momentOf(inner);
      return ms === undefined ? fields : new Date(ms);
    }
    case 'time':
    case 'decimal':
      return typeof inner === 'string' ? inner : fields;
    case 'uuid': {
      const { hex } = (inner ?? {}) as { readonly hex?: unknown };
      const digits = typeof hex === 'string' ? hex : inner;
      return typeof digits === 'string' ? dashed(digits) : fields;
    }
    case 'bytes':
      return typeof inner === 'string' ? new Uint8Array(Buffer.from(inner, 'utf8')) : fields;
    case 'base64':
      return typeof inner === 'string' ? new Uint8Array(Buffer.from(inner, 'base64')) : fields;
    default:
      return fields;
  }
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The milliseconds of an ISO date; without an offset it is UTC. Undefined for what is none. */
export function momentOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const found =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, day, time = '00:00:00', zone = 'Z'] = found;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const ms = Date.parse(`${day}T${time}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

// ── writing ─────────────────────────────────────────────────────────────────────────────────

/** Whether JSON says the same as the value. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depth > DEEPEST) return false;
      if (Array.isArray(value)) return value.every((each) => isPlain(each, depth + 1));
      return isRecord(value) && Object.values(value).every((each) => isPlain(each, depth + 1));
    default:
      return false;
  }
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function write(value: unknown, path: string, depth: number): string {
  if (depth > DEEPEST) return refuse(path, `it is nested over ${DEEPEST} levels deep`);
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : refuse(path, `it is ${value}`);
    case 'undefined':
      return 'null';
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : writeObject(value, path, depth);
    default:
      return refuse(path, `it is a ${typeof value}`);
  }
}

function writeObject(value: object, path: string, depth: number): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return refuse(path, 'it is an invalid Date');
    return `{"${TYPE}":"datetime","${VALUE}":"${pythonDate(value.getTime())}"}`;
  }
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `{"${TYPE}":"base64","${VALUE}":"${bytes.toString('base64')}"}`;
  }
  if (Array.isArray(value))
    return `[${value.map((each, i) => write(each, `${path}[${i}]`, depth + 1)).join(',')}]`;
  if (!isRecord(value)) return refuse(path, 'it is an instance of a class');
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${JSON.stringify(key)}:${write(field, `${path}.${key}`, depth + 1)}`);
  return `{${fields.join(',')}}`;
}

/** As `datetime.isoformat` writes a moment of UTC: with an offset, since Python before 3.11 does not read `Z`. */
export function pythonDate(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000+00:00');
}

function refuse(path: string, why: string): never {
  const at = path === '' ? '' : ` at ${path}`;
  throw new NotJson(`Cannot send it as JSON${at}: ${why}`);
}
