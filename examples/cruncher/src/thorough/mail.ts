// A message of mail: its fields, decoded, and the texts that it carries, however they are encoded (MIME).

import PostalMime, { type Attachment, decodeWords, type Email } from 'postal-mime';
import { textOf } from './plain-text.ts';
import { mended } from './windows-1252.ts';

/** What of a message can have addresses in it. */
export interface Message {
  readonly fields: readonly Field[];
  readonly texts: readonly Text[];
}

export interface Field {
  /** In lower case. */
  readonly name: string;
  /** In one line; as it was sent, and with its encoded words decoded. */
  readonly raw: string;
  readonly value: string;
}

export interface Text {
  readonly type: 'plain' | 'html';
  readonly text: string;
}

/** Messages in messages beyond this depth are not looked at. */
const MOST_DEPTH = 10;

const FIELD = /^[!-9;-~]+[ \t]*:/;
/** A message has one of these in its first lines, and a text that is none hardly does. */
const KNOWN =
  /^(?:return-path|received|delivered-to|date|from|sender|to|cc|subject|message-id|mime-version|dkim-signature|x-[\w-]+)[ \t]*:/i;
const ENVELOPE = /^From \S+.* \d{4}/;

/** Whether a text is a message, or a file of them (mbox), going by how it begins. */
export function kindOfMail(beginning: string): 'message' | 'mbox' | undefined {
  const [first = '', ...others] = beginning.split(/\r?\n/, 20);
  const isMbox = ENVELOPE.test(first);
  const header: string[] = [];
  for (const line of isMbox ? others : [first, ...others]) {
    if (line === '') break;
    if (!FIELD.test(line) && !/^[ \t]/.test(line)) return undefined;
    header.push(line);
  }
  const known = header.filter((line) => KNOWN.test(line)).length;
  if (known === 0 || (known === 1 && !isMbox)) return undefined;
  return isMbox ? 'mbox' : 'message';
}

/** The messages of an mbox file, each from its line with `From ` to the next one. */
export function* messagesOf(mbox: Uint8Array): Generator<Uint8Array, void> {
  const bytes = Buffer.from(mbox.buffer, mbox.byteOffset, mbox.byteLength);
  let start = 0;
  while (start < bytes.length) {
    const end = nextEnvelope(bytes, start + 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

function nextEnvelope(bytes: Buffer, from: number): number {
  let at = bytes.indexOf('\nFrom ', from, 'latin1');
  while (at !== -1) {
    const isAfterEmptyLine =
      bytes[at - 1] === 0x0a || (bytes[at - 1] === 0x0d && bytes[at - 2] === 0x0a);
    if (isAfterEmptyLine && ENVELOPE.test(bytes.toString('latin1', at + 1, at + 200)))
      return at + 1;
    at = bytes.indexOf('\nFrom ', at + 1, 'latin1');
  }
  return bytes.length;
}

/** Rejects with an Error when it is nested deeper than any mail is, or its header is larger. */
export async function readMessage(bytes: Uint8Array, depth = 0): Promise<Message> {
  const [envelope, message] = withoutEnvelope(bytes);
  // Messages in it are read here, for of their fields it would show four.
  const email = await PostalMime.parse(message, { forceRfc822Attachments: true });
  const inner = await Promise.all(
    email.attachments.map((attachment) => contentOf(attachment, depth)),
  );
  return {
    fields: [...envelope, ...fieldsOf(email), ...inner.flatMap(({ fields }) => fields)],
    texts: [...textsOf(email), ...inner.flatMap(({ texts }) => texts)],
  };
}

/** The line that begins a message in an mbox file names who sent it. */
function withoutEnvelope(bytes: Uint8Array): [Field[], Uint8Array] {
  const end = bytes.indexOf(0x0a);
  const line = textOf(bytes.subarray(0, Math.min(end, 1000)));
  if (!ENVELOPE.test(line)) return [[], bytes];
  return [[{ name: 'envelope', raw: line, value: line }], bytes.subarray(end + 1)];
}

function fieldsOf(email: Email): Field[] {
  return email.headers.map(({ key, value }) => ({
    name: key,
    raw: value,
    value: mended(decodeWords(value)),
  }));
}

function textsOf({ text, html }: Email): Text[] {
  const texts: Text[] = [];
  if (text !== undefined) texts.push({ type: 'plain', text: mended(text) });
  if (html !== undefined) texts.push({ type: 'html', text: mended(html) });
  return texts;
}

const NOTHING: Message = { fields: [], texts: [] };

async function contentOf(attachment: Attachment, depth: number): Promise<Message> {
  const { mimeType, filename, content } = attachment;
  const bytes = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
  if (mimeType === 'message/rfc822' && depth < MOST_DEPTH) return readMessage(bytes, depth + 1);
  if (!isText(mimeType, bytes)) return NOTHING;
  const type = mimeType === 'text/html' ? 'html' : 'plain';
  return { fields: [], texts: [{ type, text: `${filename ?? ''}\n${textOf(bytes)}` }] };
}

/** Also what is called a stream of bytes may be one; the first zero byte says that it is not. */
function isText(mimeType: string, bytes: Uint8Array): boolean {
  return /^(?:text|message)\//.test(mimeType) || !bytes.subarray(0, 1024).includes(0);
}
