/** Values as Python shows them, for headers, events and remote control. */

/** As Celery's: longer ones end in three dots. */
const LONGEST = 1024;
const DEEPEST = 8;

/** What is shown of arguments: as Python would, or nothing. */
export type Show = 'repr' | 'none';

export const HIDDEN = '...';

export function reprOf(value: unknown): string {
  return shortened(write(value, 0));
}

/** Of positional arguments, which are a tuple in Python. */
export function reprOfArguments(args: readonly unknown[]): string {
  const texts = args.map((each) => write(each, 1));
  return shortened(texts.length === 1 ? `(${texts[0]},)` : `(${texts.join(', ')})`);
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
      return Number.isNaN(value)
        ? 'nan'
        : Number.isFinite(value)
          ? String(value)
          : value > 0
            ? 'inf'
            : '-inf';
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? 'None' : writeObject(value, depth);
    case 'undefined':
      return 'None';
    default:
      return `<${typeof value}>`;
  }
}

function writeObject(value: object, depth: number): string {
  if (value instanceof Date) return quoted(value.toISOString());
  if (value instanceof Uint8Array) return `b'<${value.byteLength} bytes>'`;
  if (depth > DEEPEST) return Array.isArray(value) ? '[...]' : '{...}';
  if (Array.isArray(value)) return `[${list(value, (each) => write(each, depth + 1))}]`;
  const fields = Object.entries(value);
  return `{${list(fields, ([key, field]) => `${quoted(key)}: ${write(field, depth + 1)}`)}}`;
}

/** No more of them than can be shown. */
function list<T>(values: readonly T[], text: (value: T) => string): string {
  const texts: string[] = [];
  let length = 0;
  for (const value of values) {
    if (length > LONGEST) break;
    const next = text(value);
    length += next.length + 2;
    texts.push(next);
  }
  return texts.join(', ');
}

/** In single quotes, unless it has some and no double ones. */
function quoted(text: string): string {
  const start = text.slice(0, LONGEST);
  const quote = start.includes("'") && !start.includes('"') ? '"' : "'";
  const escaped = start.replace(/[\\'"\n\r\t\p{Cc}]/gu, (c) => {
    if (c === '\\') return '\\\\';
    if (c === "'" || c === '"') return c === quote ? `\\${c}` : c;
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[c];
    return named ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `${quote}${escaped}${quote}`;
}
