// Whether a text that stands alone is an address, and in which form all of its spellings are the same.

import { parse } from './grammar.ts';
import type { Rule, Verdict } from './rules.ts';

const LONGEST_LOCAL = 64;
const LONGEST_LABEL = 63;
const LONGEST_DOMAIN = 255;
/** A path has 256, its angle brackets among them. */
const LONGEST = 254;

/**
 * Judges a whole text. An address is given in one form: without comments, and with no more quotes than
 * are needed; its local part composed (NFC), its domain as it goes over the wire, `xn--` where it is not
 * ASCII, in lower case.
 *
 * It says nothing about whether there is such a domain, let alone a mailbox.
 */
export function judge(text: string): Verdict {
  if (text.length <= LONGEST && SIMPLE.test(text)) return simple(text);
  const parts = parse(text);
  if (typeof parts === 'string') return { broken: parts };
  const local = quoted(parts.local.normalize('NFC'));
  if (octets(local) > LONGEST_LOCAL) return { broken: 'local_long' };
  const domain =
    parts.literal === undefined
      ? domainOf(parts.labels.join('.'))
      : literalOf(parts.literal.trim());
  if ('broken' in domain) return domain;
  const address = `${local}@${domain.name}`;
  return octets(address) > LONGEST ? { broken: 'too_long' } : { address };
}

/** What nearly all look like, of which the grammar would say nothing else: but for the lengths of labels. */
const SIMPLE =
  /^[A-Za-z\d_+-]+(?:\.[A-Za-z\d_+-]+)*@(?:[A-Za-z\d]+(?:-+[A-Za-z\d]+)*\.)+[A-Za-z]+$/;

function simple(text: string): Verdict {
  const at = text.indexOf('@');
  if (at > LONGEST_LOCAL) return { broken: 'local_long' };
  const written = text.slice(at + 1);
  const name = written.toLowerCase();
  if (name.length > LONGEST_LABEL || name.includes('xn--')) {
    const domain = domainOf(name);
    return 'broken' in domain ? domain : { address: `${text.slice(0, at)}@${domain.name}` };
  }
  return { address: name === written ? text : `${text.slice(0, at)}@${name}` };
}

type Domain = { readonly name: string } | { readonly broken: Rule };

function domainOf(written: string): Domain {
  const name = ascii(written);
  if (name === undefined) return { broken: 'not_idna' };
  const labels = name.split('.');
  for (const label of labels) {
    if (label.length > LONGEST_LABEL) return { broken: 'label_long' };
    if (label.startsWith('-') || label.endsWith('-')) return { broken: 'domain_hyphen' };
  }
  if (name.length > LONGEST_DOMAIN) return { broken: 'domain_long' };
  if (labels.length === 1) return { broken: 'one_label' };
  if (!/^(?:[a-z]+|xn--.+)$/.test(labels.at(-1) as string)) return { broken: 'top_level' };
  return { name };
}

/** The form of a domain that is ASCII, in lower case. */
function ascii(name: string): string | undefined {
  if (/^[a-z0-9.-]*$/i.test(name) && !/xn--/i.test(name)) return name.toLowerCase();
  // Of the host of a URL more is allowed, and numbers mean something else. Here are only letters,
  // digits, hyphens and dots, and numbers alone are no domain.
  if (/^[\d.]*$/.test(name)) return undefined;
  return URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : undefined;
}

function literalOf(literal: string): Domain {
  const ipv4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(literal);
  if (ipv4 !== null) {
    const numbers = ipv4.slice(1).map(Number);
    return numbers.every((number) => number < 256)
      ? { name: `[${numbers.join('.')}]` }
      : { broken: 'literal' };
  }
  const ipv6 = /^IPv6:([\da-f:.]+)$/i.exec(literal)?.[1];
  const url = `http://[${ipv6}]/`;
  if (ipv6 === undefined || !URL.canParse(url)) return { broken: 'literal' };
  return { name: `[IPv6:${new URL(url).hostname.slice(1, -1)}]` };
}

const ATEXT = `(?:[\\w!#$%&'*+\\-/=?^\`{|}~]|[^\\p{Z}\\p{C}\\0-\\x7f])+`;
const DOT_ATOM = new RegExp(`^${ATEXT}(?:\\.${ATEXT})*$`, 'u');

/** A local part as it is written: in quotes if it has more than words with dots between. */
function quoted(local: string): string {
  return DOT_ATOM.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

function octets(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    // Of a pair of surrogates, each half counts for two of its four octets.
    count += code < 0x800 || (code & 0xf800) === 0xd800 ? 1 : 2;
  }
  return count;
}
