import { describe, expect, test } from 'vitest';
import { addressList } from '../../../examples/cruncher/src/thorough/address-list.ts';
import { Findings } from '../../../examples/cruncher/src/thorough/findings.ts';
import { findIn, kindOf } from '../../../examples/cruncher/src/thorough/thorough.ts';

const HEAD = 'From: Ann <ann@x.org>\nSubject: hello\n';

describe('an input is', () => {
  test.each([
    ['plain', 'Dear Ann,\nwrite to ben@x.org'],
    ['plain', 'Note: this\nis: no mail'],
    ['plain', 'From: ann@x.org'],
    ['plain', ''],
    ['message', HEAD],
    ['message', 'Received: from x by y\n\tfor <ann@x.org>\nDate: today\n\ntext'],
    ['message', 'X-Mailer: y\r\nTo: ann@x.org\r\n\r\ntext'],
    ['mbox', `From ann@x.org Fri Jan  1 12:00:00 2021\n${HEAD}\ntext`],
    ['plain', 'From ann@x.org I hear that in 2021\nall was well'],
    ['html', '<!DOCTYPE html><p>hello'],
    ['html', '\n <html lang="en">'],
    ['plain', 'about <b>html</b>'],
  ])('%s: %j', (kind, text) => {
    expect(kindOf(Buffer.from(text))).toBe(kind);
  });
});

describe('in a mail', () => {
  test('each address counts once, however many parts say it', async () => {
    const mail = `${HEAD}Content-Type: multipart/alternative; boundary=b

--b

Write to ben@x.org, or ben@x.org
--b
Content-Type: text/html

<p>Write to <a href="mailto:ben@x.org">ben@x.org</a>
--b--
`;
    expect(await counted(mail)).toEqual({ 'ann@x.org': 1, 'ben@x.org': 1 });
  });

  test.each([
    ['quoted-printable', 'ben=40x.org, c=\nem@x.org =E2=82=ACdan@x.org'],
    ['base64', Buffer.from('ben@x.org, cem@x.org €dan@x.org').toString('base64')],
  ])('a text may be %s', async (encoding, text) => {
    const mail = `${HEAD}Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: ${encoding}\n\n${text}\n`;
    expect(await foundIn(mail)).toEqual(['ann@x.org', 'ben@x.org', 'cem@x.org', 'dan@x.org']);
  });

  test.each([
    [
      'windows-1252',
      'kr\xfcger@x.org \x80ben@x.org\x85cem@x.org',
      ['krüger@x.org', 'ben@x.org', 'cem@x.org'],
    ],
    ['iso-8859-1', 'kr\xfcger@x.org', ['krüger@x.org']],
    ['koi8-r', '\xc9\xd7\xc1\xce@x.org', ['иван@x.org']],
    ['shift_jis', '\x93\xfa\x96{@x.org', ['日本@x.org']],
    ['utf-7-imap', 'ben@x.org', ['ben@x.org']],
  ])('a text may be in %s', async (charset, text, found) => {
    const mail = `${HEAD}Content-Type: text/plain; charset=${charset}\n\n${text}\n`;
    expect(await foundIn(Buffer.from(mail, 'latin1'))).toEqual(['ann@x.org', ...found]);
  });

  test('fields have encoded words, comments and groups, in several lines', async () => {
    const mail = `From: =?utf-8?q?Ann_=28ben=40x=2Eorg=29?= <ann@x.org>
To: friends: "Cem, at home" <cem @ x . org>,
 dan (he) @ (his) x.org;
Cc: undisclosed:;
Return-Path: <>
List-Unsubscribe: <mailto:leave%40x.org?subject=stop>

text`;
    expect(await foundIn(mail)).toEqual([
      'ann@x.org',
      'ben@x.org',
      'cem@x.org',
      'dan@x.org',
      'leave@x.org',
    ]);
  });

  test('what names a message is no address', async () => {
    const mail = `${HEAD}Message-ID: <1.2@x.org>
References: <3.4@x.org>
 <5.6@x.org>

text`;
    expect(await foundIn(mail)).toEqual(['ann@x.org']);
    expect(await leftOutIn(mail)).toEqual({ identifier: 3 });
  });

  test('there may be other mails, files, and mails in those, each with its fields', async () => {
    const inner = 'From: ben@x.org\nReply-To: cem@x.org\nTo: x\n\ndan@x.org';
    const mail = `${HEAD}Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

${inner}
--b
Content-Type: message/rfc822
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="to eve@x.org.eml"

${Buffer.from(`${HEAD}\nfay@x.org`).toString('base64')}
--b
Content-Type: text/csv
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=list.csv

${Buffer.from('name,mail\nG,gus@x.org').toString('base64')}
--b
Content-Type: image/png
Content-Transfer-Encoding: base64

${Buffer.from('\0\x01hal@x.org').toString('base64')}
--b--
`;
    expect(await foundIn(mail)).toEqual([
      'ann@x.org',
      'ben@x.org',
      'cem@x.org',
      'dan@x.org',
      'fay@x.org',
      'gus@x.org',
    ]);
  });

  test('that is nested beyond reason, what can be read counts', async () => {
    const parts = Array.from(
      { length: 300 },
      (_, i) => `Content-Type: multipart/mixed; boundary=${i}\n\n--${i}\n`,
    );
    expect(await foundIn(`${HEAD}${parts.join('')}\nben@x.org`)).toEqual([
      'ann@x.org',
      'ben@x.org',
    ]);
  });

  test('of which the end is missing, what there is counts', async () => {
    const mail = `${HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nben@x.org`;
    expect(await foundIn(mail)).toEqual(['ann@x.org', 'ben@x.org']);
  });
});

describe('in an mbox file', () => {
  test('each mail counts for itself, and the lines between them as well', async () => {
    const mail = (who: string) =>
      `From ${who}@y.org Fri Jan  1 12:00:00 2021\n${HEAD}\nto ben@x.org\n`;
    const mbox = `${mail('bounce')}\n${mail('bounce')}\nFrom here on, nothing\n>From 2021 on either\n`;
    expect(await counted(mbox)).toEqual({ 'bounce@y.org': 2, 'ann@x.org': 2, 'ben@x.org': 2 });
    expect(await counted(mbox.replaceAll('\n', '\r\n'))).toEqual({
      'bounce@y.org': 2,
      'ann@x.org': 2,
      'ben@x.org': 2,
    });
  });
});

test('HTML is read as one sees it, and in any encoding', async () => {
  const html = '<!doctype html><p>ann<b>&#64;</b>x.org <a href="mailto:ben%40x.org">€</a>';
  expect(await foundIn(html)).toEqual(['ann@x.org', 'ben@x.org']);
  expect(await foundIn(Buffer.from(`\ufeff${html}`, 'utf16le'))).toEqual([
    'ann@x.org',
    'ben@x.org',
  ]);
});

test.each([
  ['ann@x.org, ben@x.org', ['ann@x.org', 'ben@x.org']],
  ['"Ann, B." <ann@x.org>;"<no@x.org>" <ben@x.org>', ['ann@x.org', 'ben@x.org']],
  ['team: ann@x.org, ben@x.org;, cem@x.org', ['ann@x.org', 'ben@x.org', 'cem@x.org']],
  ['ann@x.org (not ben@x.org, nor cem@x.org)', ['ann@x.org']],
  ['Ann <ann@[192.0.2.1]>', ['ann@[192.0.2.1]']],
  ['ann at x.org, <>, , Ann, <ann@x.org', []],
  ['"ann', []],
  ['(ann@x.org', []],
])('the list %j', (list, found) => {
  expect(addressList(list)).toEqual(found);
});

async function findingsOf(input: string | Buffer): Promise<Findings> {
  const findings = new Findings();
  await findIn(Buffer.from(input as string), findings);
  return findings;
}

async function counted(input: string | Buffer): Promise<Record<string, number>> {
  return Object.fromEntries((await findingsOf(input)).addresses());
}

async function foundIn(input: string | Buffer): Promise<string[]> {
  return Object.keys(await counted(input));
}

async function leftOutIn(input: string): Promise<Record<string, number>> {
  return Object.fromEntries((await findingsOf(input)).leftOut());
}
