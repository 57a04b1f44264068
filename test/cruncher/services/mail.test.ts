/** Notices as mail: to a real server on loopback, and as files. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Outcome,
  outboxMailer,
  serverOf,
  smtpMailer,
} from '../../../examples/cruncher/src/services/mailer.ts';
import type { Notice } from '../../../examples/cruncher/src/services/topology.ts';
import { stage } from './stage.ts';

const FROM = 'cruncher@example.org';

function notice(address: string, more: Partial<Notice> = {}): Notice {
  return { name: 'ann', address, attempt: 0, mayBeTwice: false, ...more };
}

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

interface Behaviour {
  /** What it answers to a recipient. Default: yes. */
  readonly recipient?: (address: string, nth: number) => number | undefined;
  /** What it answers to the text. */
  readonly data?: (nth: number) => number | 'hang_up' | undefined;
  readonly login?: { readonly user: string; readonly pass: string };
  readonly isEncrypted?: boolean;
}

type Connection = { readonly _socket: { destroy(): void } };

/** A mail server of this test's own. */
async function mailServer({ recipient, data, login, isEncrypted = false }: Behaviour = {}) {
  const received: Received[] = [];
  let recipients = 0;
  let texts = 0;
  const refusal = (code: number): Error =>
    Object.assign(new Error(`It says ${code}`), { responseCode: code });
  const server = new SMTPServer({
    authOptional: login === undefined,
    // Its own certificate is one that everybody has the key of, which it warns of.
    disabledCommands: login === undefined && !isEncrypted ? ['AUTH', 'STARTTLS'] : [],
    onAuth({ username, password }, _session, done) {
      const isRight = username === login?.user && password === login?.pass;
      if (isRight) done(null, { user: username });
      else done(refusal(535));
    },
    onRcptTo({ address }, _session, done) {
      const code = recipient?.(address, ++recipients);
      done(code === undefined ? null : refusal(code));
    },
    onData(stream, session, done) {
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        const code = data?.(++texts);
        if (code === 'hang_up') {
          for (const { _socket } of server.connections as Set<Connection>) _socket.destroy();
          return;
        }
        if (code !== undefined) return done(refusal(code));
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text,
          isEncrypted: session.secure,
          user: session.user as string | undefined,
        });
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()));
  onTestFinished(() => new Promise<void>((closed) => void server.close(() => closed())));
  const { port } = server.server.address() as AddressInfo;
  const mailer = (more: Partial<Parameters<typeof smtpMailer>[0]> = {}) =>
    smtpMailer(
      {
        host: '127.0.0.1',
        port,
        secure: false,
        requireTLS: false,
        tls: { rejectUnauthorized: false },
        ...more,
      },
      FROM,
    );
  return { received, mailer, port };
}

describe('by SMTP', () => {
  test('D5 a notice is one mail with one recipient, and all headers that a mail has', async () => {
    const { received, mailer } = await mailServer();
    expect(await mailer()(notice('ann@example.org'))).toEqual({ kind: 'sent' });
    expect(received).toHaveLength(1);
    const [mail] = received;
    expect([mail!.from, mail!.to]).toEqual([FROM, ['ann@example.org']]);
    const parsed = await PostalMime.parse(mail!.text);
    expect(parsed.from?.address).toBe(FROM);
    expect(parsed.to?.map(({ address }) => address)).toEqual(['ann@example.org']);
    expect(parsed.subject).toBe('Your address was found');
    expect(parsed.messageId).toMatch(/^<ann-[0-9a-f]{16}@/);
    expect(Number.isNaN(Date.parse(parsed.date ?? ''))).toBe(false);
    expect(mail!.text).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mail!.text).not.toContain('X-May-Be-Twice');
    expect(parsed.text).toContain('Your address, ann@example.org, was found');
  });

  test('D5 it logs in, and only over an encrypted line', async () => {
    const login = { user: 'cruncher', pass: 'secret' };
    const { received, mailer, port } = await mailServer({ login });
    const server = serverOf(`smtp://cruncher:secret@127.0.0.1:${port}`);
    expect(server.requireTLS).toBe(true);
    const send = mailer({ ...server, tls: { rejectUnauthorized: false } });
    expect(await send(notice('ann@example.org'))).toEqual({ kind: 'sent' });
    expect(received[0]).toMatchObject({ isEncrypted: true, user: 'cruncher' });
  });

  test('a password that is wrong is to be set right, and gives no notice up', async () => {
    const { mailer } = await mailServer({ login: { user: 'cruncher', pass: 'secret' } });
    const send = mailer({ auth: { user: 'cruncher', pass: 'wrong' } });
    expect(await send(notice('ann@example.org'))).toMatchObject({ kind: 'later', isUnsure: false });
  });

  test('a server whose certificate is not to be trusted gets nothing', async () => {
    const { received, mailer } = await mailServer({ isEncrypted: true });
    const outcome = await mailer({ requireTLS: true, tls: {} })(notice('ann@example.org'));
    expect(outcome).toMatchObject({ kind: 'later' });
    expect(received).toEqual([]);
  });

  test.each([
    [450, 'later'],
    [451, 'later'],
    [550, 'never'],
    [553, 'never'],
  ] as const)('a recipient that it answers with %i is tried %s', async (code, kind) => {
    const { received, mailer } = await mailServer({ recipient: () => code });
    expect(await mailer()(notice('ann@example.org'))).toMatchObject({
      kind,
      reason: expect.stringContaining(String(code)),
    });
    expect(received).toEqual([]);
  });

  test('a line that is cut before the answer leaves open whether it was sent', async () => {
    const { mailer } = await mailServer({ data: () => 'hang_up' });
    expect(await mailer()(notice('ann@example.org'))).toMatchObject({
      kind: 'later',
      isUnsure: true,
    });
  });

  test('a server that is not there is tried later', async () => {
    const { port } = await mailServer();
    const send = smtpMailer(serverOf(`smtp://127.0.0.1:${port === 1 ? 2 : 1}`), FROM);
    expect(await send(notice('ann@example.org'))).toMatchObject({
      kind: 'later',
      isUnsure: false,
    });
  });

  test.each([
    'x@d.co\r\nRCPT TO:<e@x.co>',
    'x@d.co>\r\nRCPT TO:<evil@x.co',
    'x@d.co\n',
    'a@b.co, c@d.co',
    '"x" <evil@x.co>',
    'evil@x.co (x@d.co)',
    '',
    'nobody',
  ])('%j is no recipient, and the server hears nothing of it', async (address) => {
    const { received, mailer } = await mailServer();
    expect(await mailer()(notice(address))).toMatchObject({ kind: 'never' });
    expect(received).toEqual([]);
  });

  test.each([
    ['j.doe+x@example.org', 'j.doe+x@example.org'],
    // The server shows names as people write them.
    ['ann@xn--mnchen-3ya.example', 'ann@münchen.example'],
  ])('%j is one recipient, and no other', async (address, shown) => {
    const { received, mailer } = await mailServer();
    expect(await mailer()(notice(address))).toEqual({ kind: 'sent' });
    expect(received.map(({ to }) => to)).toEqual([[shown]]);
  });

  test('what is in quotes is no recipient of its own', async () => {
    const { received, mailer } = await mailServer();
    // This server refuses all quotes; what matters is that it hears of nobody else.
    expect(await mailer()(notice('"evil@x.co"@example.org'))).toMatchObject({
      kind: 'never',
      reason: expect.stringContaining('501'),
    });
    expect(received).toEqual([]);
  });

  test('one that may have been sent before says so, and has the same Message-ID', async () => {
    const { received, mailer } = await mailServer();
    const send = mailer();
    await send(notice('ann@example.org'));
    await send(notice('ann@example.org', { mayBeTwice: true, attempt: 3 }));
    const [first, second] = await Promise.all(received.map(({ text }) => PostalMime.parse(text)));
    expect(second!.messageId).toBe(first!.messageId);
    expect(received[1]!.text).toMatch(/^X-May-Be-Twice: yes/m);
  });

  test('from the file to the inbox: 451, then 250, and there is one mail', async () => {
    const { received, mailer } = await mailServer({
      recipient: (_, nth) => (nth === 1 ? 451 : undefined),
    });
    const { file, crunch, until } = await stage({
      notifyDomain: 'example.org',
      names: ['ann'],
      mailer: mailer(),
    });
    await crunch(file('a.txt', 'Write to ann@example.org.'));
    await until(({ notices }) => notices[0]?.state === 'delivered');
    expect(received.map(({ to }) => to)).toEqual([['ann@example.org']]);
  });
});

describe('a dry run', () => {
  function outbox(): string {
    const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return join(folder, 'deep', 'outbox');
  }

  test('writes each mail to a file, and sends nothing', async () => {
    const folder = outbox();
    expect(await outboxMailer(folder, FROM)(notice('ann@example.org'))).toEqual({ kind: 'sent' });
    const [file, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    expect(file).toMatch(/^ann-[0-9a-f]{16}\.eml$/);
    const parsed = await PostalMime.parse(readFileSync(join(folder, file!)));
    expect(parsed.to?.map(({ address }) => address)).toEqual(['ann@example.org']);
  });

  test('of a name with anything in it stays in its folder', async () => {
    const folder = outbox();
    const outcome: Outcome = await outboxMailer(
      folder,
      FROM,
    )(notice('"../../x"@example.org', { name: '"../../x"' }));
    expect(outcome).toEqual({ kind: 'sent' });
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^_.._.._x_-[0-9a-f]{16}\.eml$/)]);
  });

  test('that cannot be written is tried later', async () => {
    const folder = join('/dev/null', 'outbox');
    expect(await outboxMailer(folder, FROM)(notice('ann@example.org'))).toMatchObject({
      kind: 'later',
    });
  });
});
