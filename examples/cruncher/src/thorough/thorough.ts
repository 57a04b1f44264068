// The second algorithm: what a person would call an address, in whatever a person can read. The first one
// finds bytes.
//
// An input is a mail, a file of mails, HTML, or plain text, which it shows by how it begins. A plain text may
// be cut into pieces at its line ends, and each looked at alone; the others are looked at whole.

import type { Kind } from '../chunks.ts';
import { addressList, holdsAddresses } from './address-list.ts';
import { undisguised } from './disguises.ts';
import { Findings } from './findings.ts';
import { isHtml, textOfHtml } from './html.ts';
import { kindOfMail, type Message, messagesOf, readMessage } from './mail.ts';
import { linesWithAt, textOf } from './plain-text.ts';
import { findingsIn } from './running-text.ts';

export { Findings } from './findings.ts';

/** So much of an input shows what it is. */
export const BEGINNING_BYTES = 4096;

/** What an input is. */
export function kindOf(beginning: Uint8Array): Kind {
  const text = textOf(beginning.subarray(0, BEGINNING_BYTES));
  return kindOfMail(text) ?? (isHtml(text) ? 'html' : 'plain');
}

/** Finds what is in a plain text, or in some lines of one. Each address counts as often as it is there. */
export function findInPlain(bytes: Uint8Array, findings: Findings): void {
  for (const { text, isDisguised } of linesWithAt(bytes)) {
    if (isDisguised) findInText(text, findings);
    else for (const finding of findingsIn(text)) findings.add(finding);
  }
}

/**
 * Finds what is in a whole input. In a mail each address counts once, as most mails say all twice, for
 * people and for browsers.
 */
export async function findIn(
  bytes: Uint8Array,
  findings: Findings,
  kind: Kind = kindOf(bytes),
): Promise<void> {
  switch (kind) {
    case 'plain':
      return findInPlain(bytes, findings);
    case 'html':
      return findInText(textOfHtml(textOf(bytes)), findings);
    case 'message':
      return await findInMail(bytes, findings);
    case 'mbox':
      for (const message of messagesOf(bytes)) await findInMail(message, findings);
  }
}

export function findInText(text: string, findings: Findings): void {
  for (const finding of findingsIn(undisguised(text))) findings.add(finding);
}

async function findInMail(bytes: Uint8Array, findings: Findings): Promise<void> {
  let message: Message;
  try {
    message = await readMessage(bytes);
  } catch {
    // Nobody's mail program would show it. What can be read of it as it stands is looked at.
    return findInPlain(bytes, findings);
  }
  const found = new Findings();
  for (const { name, raw, value } of message.fields) {
    if (holdsAddresses(name)) for (const address of addressList(raw)) found.address(address);
    findInText(`${name}: ${value}`, found);
  }
  for (const { type, text } of message.texts) {
    findInText(type === 'html' ? textOfHtml(text) : text, found);
  }
  for (const [address] of found.addresses()) findings.address(address);
  for (const [rule, times] of found.leftOut()) findings.leave(rule, times);
}
