/** An actor whose mail a test reads. */

import type { ActorSystem } from '../system/system.ts';
import type { Actor } from '../terms/operation.ts';
import type { Message, Pid } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { Self } from '../terms/self-types.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface Inbox<M extends Message> {
  /** Where to send to. */
  readonly pid: Pid<M>;
  /** All that has come and was not received, in order. */
  readonly mail: readonly M[];
  /**
   * The first message with this tag, wherever it stands, once it has come: within 5,000 virtual ms unless
   * `within` says otherwise, for which time passes. @throws Error that says what came instead.
   */
  receive<T extends M['tag']>(
    tag: T,
  ): PromiseLike<Extract<M, { readonly tag: T }>> & {
    within(ms: number): Promise<Extract<M, { readonly tag: T }>>;
  };
  /** Lets `ms` pass. @throws Error if anything comes meanwhile, or was there. */
  expectNothing(ms: number): Promise<void>;
}

const DEFAULT_MS = 5000;

export function inboxOf<M extends Message>(system: ActorSystem, clock: VirtualClock): Inbox<M> {
  const mail: M[] = [];
  const pid = system.spawn(function* inbox(self: Self<M>): Actor {
    self.trapExit(true);
    for (;;) {
      const message = yield* self.receive();
      // The end of the outside is the end of the test.
      if (message.tag === 'EXIT' && (message as unknown as { from: Pid }).from === self.parent)
        return;
      mail.push(message as M);
    }
  });

  async function received<T extends M['tag']>(
    tag: T,
    ms: number,
  ): Promise<Extract<M, { readonly tag: T }>> {
    const find = (): number => mail.findIndex((message) => message.tag === tag);
    const isThere = await clock
      .advanceUntil(() => find() >= 0, ms)
      .then(
        () => true,
        () => false,
      );
    if (isThere) return mail.splice(find(), 1)[0] as Extract<M, { readonly tag: T }>;
    const instead = mail.length === 0 ? 'nothing has' : `${show(mail)} has`;
    throw new Error(`"${tag}" has not come within ${ms} ms; ${instead}`);
  }

  return {
    pid,
    mail,
    receive: (tag) => ({
      // biome-ignore lint/suspicious/noThenProperty: it can be awaited
      then: (onValue, onError) => received(tag, DEFAULT_MS).then(onValue, onError),
      within: (ms) => received(tag, ms),
    }),
    async expectNothing(ms) {
      await clock.advance(ms);
      if (mail.length > 0)
        throw new Error(`Expected nothing within ${ms} ms; ${show(mail)} has come`);
    },
  };
}
