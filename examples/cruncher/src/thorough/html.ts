// HTML as running text: what one sees, without the tags that divide no words, and after it what the tags
// have in them, for there are the links. Browsers have more rules for what is damaged; where a tag does
// not end, all that is left is text here.

import { decodeHTML } from 'entities';

/** Tags that may stand within a word. */
const INLINE = new Set(
  'a abbr b bdi bdo big cite code em font i ins kbd mark q s samp small span strike strong sub sup tt u wbr'.split(
    ' ',
  ),
);

const BEGINNING = /<!doctype\s+html|<(?:html|head|body)[\s>]/i;

/** Whether a text is HTML, going by how it begins. */
export function isHtml(text: string): boolean {
  return BEGINNING.test(text.slice(0, 1024));
}

export function textOfHtml(html: string): string {
  const seen: string[] = [];
  const inTags: string[] = [];
  let from = 0;
  for (let open = html.indexOf('<'); open !== -1; open = html.indexOf('<', from)) {
    const end = tagEnd(html, open);
    if (end === -1) break;
    seen.push(html.slice(from, open));
    from = end;
    if (end === open + 1) {
      seen.push('<');
      continue;
    }
    const tag = html.slice(open + 1, end - 1);
    const name = /^\/?([a-z\d]*)/i.exec(tag)?.[1]?.toLowerCase() ?? '';
    // A comment divides nothing either.
    if (!INLINE.has(name) && !tag.startsWith('!--')) seen.push('\n');
    if (tag.length > name.length + 1) inTags.push(tag, hidden(tag));
  }
  return decodeHTML(`${seen.join('')}${html.slice(from)}\n${inTags.join('\n')}`);
}

/** Where a tag or comment has ended; right after its bracket if it is none, and -1 if it does not end. */
function tagEnd(html: string, open: number): number {
  if (html.startsWith('<!--', open)) {
    const end = html.indexOf('-->', open + 4);
    return end === -1 ? -1 : end + 3;
  }
  if (!/[a-z/!?]/i.test(html[open + 1] ?? '')) return open + 1;
  let quote = '';
  for (let i = open + 1; i < html.length; i++) {
    const c = html[i] as string;
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '>') return i + 1;
    else if ((c === '"' || c === "'") && html[i - 1] === '=') quote = c;
  }
  return -1;
}

/** What Cloudflare hides in `data-cfemail`: each byte is mixed with the first. */
function hidden(tag: string): string {
  const code = /\sdata-cfemail=["']?((?:[\da-f]{2}){2,400})/i.exec(tag)?.[1];
  if (code === undefined) return '';
  const [key = 0, ...bytes] = Buffer.from(code, 'hex');
  return String.fromCharCode(...bytes.map((byte) => byte ^ key));
}
