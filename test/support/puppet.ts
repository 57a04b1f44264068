/** An actor that does what a test tells it, and leaves whatever else it gets in its mailbox. */

import { type Actor, Exited, type Message, type Pid, type Self } from 'beamish';
import type { TestSystem } from 'beamish/testing';

/** What a test tells a puppet. */
interface Do extends Message {
  readonly tag: 'do';
  readonly act: (self: Self<PuppetMessage>) => void;
}

interface Drain extends Message {
  readonly tag: 'drain';
  readonly into: Message[];
}

/** An ordinary message, which stays where it is. */
export interface Note extends Message {
  readonly tag: 'note';
  readonly what: unknown;
}

export type PuppetMessage = Do | Drain | Note;

/** The two kinds of bodies, which must look the same from outside. */
export const BODIES = ['generator', 'async'] as const;
export type BodyKind = (typeof BODIES)[number];

export function* generatorPuppet(self: Self<PuppetMessage>): Actor {
  for (;;) {
    const order = yield* self.receive('do', 'drain');
    if (order.tag === 'do') order.act(self);
    else yield* drain(self, order.into);
  }
}

export async function asyncPuppet(self: Self<PuppetMessage>): Promise<void> {
  for (;;) {
    const order = await self.receive('do', 'drain');
    if (order.tag === 'do') order.act(self);
    else await self.perform(drain(self, order.into));
  }
}

function* drain(self: Self<PuppetMessage>, into: Message[]): Actor {
  for (;;) {
    const message = yield* self.receive().after(0);
    if (message === undefined) return;
    into.push(message);
  }
}

export interface Puppet {
  readonly pid: Pid<PuppetMessage>;
  /** Lets the actor do this, settles, and resolves with what came of it. What it throws ends the actor. */
  does<T>(act: (self: Self<PuppetMessage>) => T): Promise<T>;
  /** Settles, and takes everything out of its mailbox. */
  mail(): Promise<readonly Message[]>;
}

export async function puppet(
  system: TestSystem,
  options: { readonly body?: BodyKind; readonly trapExit?: boolean } = {},
): Promise<Puppet> {
  const { body = 'generator', trapExit = false } = options;
  const pid = system.spawn(body === 'async' ? asyncPuppet : generatorPuppet);
  const handle = handleOf(system, pid);
  await handle.does((self) => self.trapExit(trapExit));
  return handle;
}

/** Another handle of a puppet, as of one that a puppet spawned. */
export function handleOf(system: TestSystem, pid: Pid<PuppetMessage>): Puppet {
  return { pid, does, mail };

  async function does<T>(act: (self: Self<PuppetMessage>) => T): Promise<T> {
    let outcome: { readonly value: T } | { readonly thrown: unknown } | undefined;
    system.send(pid, {
      tag: 'do',
      act(self) {
        try {
          outcome = { value: act(self) };
        } catch (thrown) {
          outcome = { thrown };
          throw thrown;
        }
      },
    });
    await system.settle();
    if (outcome === undefined) throw new Error(`${String(pid)} is dead and does nothing`);
    if ('value' in outcome) return outcome.value;
    if (outcome.thrown instanceof Exited) return undefined as T;
    throw outcome.thrown;
  }

  async function mail(): Promise<readonly Message[]> {
    await system.settle();
    const into: Message[] = [];
    system.send(pid, { tag: 'drain', into });
    await system.settle();
    return into;
  }
}
