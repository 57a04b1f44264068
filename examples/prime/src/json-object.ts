/**
 * Reads a JSON object whose numbers must keep their digits: 2305843009213693951 is …952 to JSON.parse. Its fields are
 * given as they are written; nothing becomes a value that nobody asked for.
 */

export class BadJson extends Error {}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none in its strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const MOST_NESTED = 100;

/** The fields of the object by name, each as its source; of a name that comes twice, the last. @throws BadJson */
export function fieldsOf(text: string): ReadonlyMap<string, string> {
  const reader = new Reader(text);
  reader.space();
  if (text[reader.at] !== '{') {
    // What is no JSON at all is told of as such.
    reader.value(0);
    throw new BadJson('it is another value');
  }
  const fields = new Map<string, string>();
  reader.object(0, (name, source) => fields.set(name, source));
  reader.space();
  if (reader.at < text.length) throw reader.unexpected();
  return fields;
}

class Reader {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  space(): void {
    this.#match(SPACE);
  }

  object(depth: number, field: (name: string, source: string) => void): void {
    this.#list('{', '}', () => {
      const name = this.#match(STRING);
      if (name === undefined) throw this.unexpected();
      this.space();
      this.#expect(':');
      this.space();
      const from = this.at;
      this.value(depth + 1);
      field(JSON.parse(name) as string, this.#text.slice(from, this.at));
    });
  }

  value(depth: number): void {
    if (depth > MOST_NESTED) throw new BadJson(`it is nested more than ${MOST_NESTED} deep`);
    const first = this.#text[this.at];
    if (first === '{') this.object(depth, () => {});
    else if (first === '[') this.#list('[', ']', () => this.value(depth + 1));
    else if (this.#match(first === '"' ? STRING : WORD) === undefined) throw this.unexpected();
  }

  unexpected(): BadJson {
    const found = this.#text[this.at];
    const byte = new TextEncoder().encode(this.#text.slice(0, this.at)).length;
    return new BadJson(
      found === undefined
        ? `it ends at byte ${byte}`
        : `unexpected ${JSON.stringify(found)} at byte ${byte}`,
    );
  }

  #list(open: string, close: string, item: () => void): void {
    this.#expect(open);
    this.space();
    if (this.#text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      item();
      this.space();
      if (this.#text[this.at] === close) break;
      this.#expect(',');
      this.space();
    }
    this.at++;
  }

  #expect(character: string): void {
    if (this.#text[this.at] !== character) throw this.unexpected();
    this.at++;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || (found === '' && pattern !== SPACE)) return undefined;
    this.at += found.length;
    return found;
  }
}

/** As JSON, with bigints as numbers, digit by digit. */
export function jsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${jsonOf(each)}`).join(',')}}`;
}
