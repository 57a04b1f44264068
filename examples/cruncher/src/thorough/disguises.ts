// What people and programs do to an address so that it does not look like one, and how each is undone.
// Each costs next to nothing where there is nothing to undo, and none goes over a text more than once.

import { decodeHTMLStrict } from 'entities';

/** A text without its disguises. What it says otherwise may be damaged: it is to find addresses in. */
export function undisguised(text: string): string {
  let plain = text;
  for (const undo of DISGUISES) plain = undo(plain);
  return plain;
}

const DISGUISES: readonly ((text: string) => string)[] = [
  entities,
  mailLinks,
  percents,
  fullWidth,
  brackets,
  words,
];

/** `jane&#64;example.org`. */
function entities(text: string): string {
  return text.includes('&') ? decodeHTMLStrict(text) : text;
}

/** `mailto:customer%2Fshipping@example.org?cc=ben%40example.org`: each address in angle brackets (RFC 6068). */
function mailLinks(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/mailto:([^\s"'<>]{1,2000})/gi, (_, link: string) => {
    const [to = '', fields = ''] = link.split('?', 2);
    const others = fields.split('&').map((field) => field.slice(field.indexOf('=') + 1));
    const all = [to, ...others].flatMap((list) => list.split(','));
    return all.map((each) => ` <${percentDecoded(each)}> `).join('');
  });
}

/** `?to=jane%40example.org`, in any URL. */
function percents(text: string): string {
  return text.includes('%40') ? text.replace(/(?:%[\da-f]{2})+/gi, percentDecoded) : text;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no UTF-8, or a sign for itself
  }
}

/** `jane＠example．org`. */
function fullWidth(text: string): string {
  return text.includes('＠') ? text.replaceAll('＠', '@').replaceAll('．', '.') : text;
}

// Between two words, each with up to three spaces. `[^\S\n]`, for none goes on in the next line.
const AT_WORD =
  /([\w\u0080-\uffff])[^\S\n]{0,3}[[({][^\S\n]{0,2}(?:at|@)[^\S\n]{0,2}[\])}][^\S\n]{0,3}(?=[\w\u0080-\uffff])/gi;
const DOT_WORD =
  /([\w\u0080-\uffff])[^\S\n]{0,3}[[({][^\S\n]{0,2}(?:dot|\.)[^\S\n]{0,2}[\])}][^\S\n]{0,3}(?=[\w\u0080-\uffff])/gi;

/** `jane [at] example (dot) org`. */
function brackets(text: string): string {
  const plain = text.replace(AT_WORD, '$1@');
  return plain.includes('@') ? plain.replace(DOT_WORD, '$1.') : plain;
}

/** `jane at example dot org`, and what of it is left after the above. */
function words(text: string): string {
  if (!/[^\S\n]dot[^\S\n]/i.test(text)) return text;
  return text
    .replace(
      /(?:[^\S\n](?:at|@)[^\S\n]|@)([a-z\d-]{1,63}(?:[^\S\n]dot[^\S\n][a-z\d-]{1,63}){1,8})\b/gi,
      (_, domain) => `@${undotted(domain)}`,
    )
    .replace(/[\w+-]{1,64}(?:[^\S\n]dot[^\S\n][\w+-]{1,64}){1,4}(?=@)/gi, undotted);
}

function undotted(words: string): string {
  return words.replace(/[^\S\n]dot[^\S\n]/gi, '.');
}
