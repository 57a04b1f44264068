/** The mail server, as far as this example has one: each mail is a file in a folder, unless it is away. */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Actor, type MessageOf, name, server } from 'beamish';
import { createTransport } from 'nodemailer';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Refused is no crash: whoever asks decides what to do about it. */
export type Sent =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly why: string };

export const MAILER = name<MessageOf<typeof mailer>>('mailer');

export const mailer = server((self, folder: string) => {
  let isAway = false;
  const transport = createTransport({ streamTransport: true, buffer: true });
  mkdirSync(folder, { recursive: true });
  return {
    call: {
      /** Writes the mail under this id: the same id again is the same file. */
      *send(id: string, { to, subject, text }: Mail): Actor<Sent> {
        if (isAway) return { ok: false, why: 'The mail server does not answer' };
        const { message } = yield* self.wait(
          transport.sendMail({
            from: { name: 'Follow', address: 'follow@example.org' },
            to: { name: to, address: `${to}@example.org` },
            subject,
            text,
            messageId: `<${id}@example.org>`,
          }),
        );
        const file = join(folder, `${id}.eml`);
        writeFileSync(`${file}.part`, message as Buffer);
        renameSync(`${file}.part`, file); // whole, or not there
        return { ok: true, file };
      },
      away(on: boolean) {
        isAway = on;
        return isAway;
      },
      isAway: () => isAway,
    },
  };
});
