/** Messages of which nothing matters but their tags, for the tests of receive. */

import type { Actor, Message, Self } from 'beamish';
import type { TestSystem } from 'beamish/testing';
import { expect } from 'vitest';
import { plain } from '../support/recorder.ts';

export type Letter = { readonly tag: 'a' } | { readonly tag: 'b' } | { readonly tag: 'c' };
export type Junk = { readonly tag: 'noise' } | { readonly tag: 'never' };
export type Mail = Letter | Junk;

/** Lets an actor with these messages in its mailbox do something, and resolves with what is left in it then. */
export async function left(
  system: TestSystem,
  tags: string,
  act: (self: Self<Mail>) => Actor,
): Promise<string> {
  let rest: readonly Message[] | undefined;
  const pid = system.spawn(function* actor(self: Self<Mail>): Actor {
    for (const tag of tags) self.send(self.pid, plain(tag) as Mail);
    yield* act(self);
    rest = self.mailbox(self.pid);
  });
  await system.settle();
  const reason = system.reasonOf(pid);
  if (reason instanceof Error) throw reason;
  expect(rest).toBeDefined();
  return (rest ?? []).map((message) => message.tag).join('');
}
