/** Headers and binding arguments: what AMQP's field tables can hold. */

export type HeaderValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly HeaderValue[]
  | { readonly [name: string]: HeaderValue };

/** `__proto__` is refused as a name on either side; at most 64 KiB together. */
export type HeaderTable = { readonly [name: string]: HeaderValue };

/** The headers of what has none. */
export const NO_HEADERS: HeaderTable = Object.freeze({});

/** As much as fits into one of AMQP's frames of headers. */
const MAX_BYTES = 64 * 1024;
const FIXED_BYTES = 9;

/** @throws TypeError for what no table can hold, RangeError for too much of it; `what` is whose table it is. */
export function checkHeaders(table: HeaderTable, what: string): void {
  if (!isTable(table)) throw new TypeError(`Cannot ${what}: its headers are a plain object`);
  const bytes = measureTable(table, what, 'headers');
  if (bytes > MAX_BYTES) {
    throw new RangeError(
      `Cannot ${what}: its headers take about ${bytes} bytes, and may take ${MAX_BYTES}`,
    );
  }
}

/** Equal as headers exchanges compare: by type and content. */
export function equalHeaders(a: HeaderValue | undefined, b: HeaderValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalLists(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b);
  if (b instanceof Date || b instanceof Uint8Array || Array.isArray(b)) return false;
  return equalTables(a as HeaderTable, b as HeaderTable);
}

/** One text for all tables that are equal: what tells two bindings of one key apart. */
export function canonicalHeaders(table: HeaderTable): string {
  return canonical(table);
}

function equalLists(a: ArrayLike<HeaderValue>, b: ArrayLike<HeaderValue>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equalHeaders(a[i], b[i])) return false;
  return true;
}

function equalTables(a: HeaderTable, b: HeaderTable): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equalHeaders(a[name], b[name]))
  );
}

function measureTable(table: HeaderTable, what: string, path: string): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(table)) {
    if (name === '__proto__') {
      throw new TypeError(`Cannot ${what}: ${path} have a "__proto__", which is refused`);
    }
    bytes += name.length + measure(value, what, `${path}.${name}`);
  }
  return bytes;
}

function measure(value: HeaderValue, what: string, path: string): number {
  switch (typeof value) {
    case 'string':
      return value.length + FIXED_BYTES;
    case 'boolean':
      return FIXED_BYTES;
    case 'number':
      if (Number.isFinite(value)) return FIXED_BYTES;
      break;
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return FIXED_BYTES;
      throw new RangeError(`Cannot ${what}: ${path} is ${value}, which takes more than 64 bits`);
    case 'object':
      if (value === null) return FIXED_BYTES;
      if (value instanceof Date && !Number.isNaN(value.getTime())) return FIXED_BYTES;
      if (value instanceof Uint8Array) return value.length + FIXED_BYTES;
      if (Array.isArray(value)) {
        return value.reduce(
          (sum: number, item, i) => sum + measure(item, what, `${path}[${i}]`),
          FIXED_BYTES,
        );
      }
      if (isTable(value)) return FIXED_BYTES + measureTable(value, what, path);
  }
  throw new TypeError(
    `Cannot ${what}: ${path} is ${String(value)}, which no header can hold; it holds strings, numbers, bigints, booleans, null, dates, bytes, lists and tables`,
  );
}

function isTable(value: unknown): value is HeaderTable {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function canonical(value: HeaderValue | undefined): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (value instanceof Date) return `@${value.getTime()}`;
  if (value instanceof Uint8Array) return `<${value.join(',')}>`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const table = value as HeaderTable;
  const fields = Object.keys(table).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(table[name])}`).join(',')}}`;
}
