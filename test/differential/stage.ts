/**
 * The beamish side of the stage: what a scenario acts on, and the log it leaves. What `stage.erl` has
 * under the same names does the same in Erlang. Logs are in a neutral notation: atoms and strings as
 * they are, pids by their labels, tuples and lists in braces, errors as `error:class`.
 */

import {
  type Actor,
  CallFailed,
  type Down,
  type Exit,
  type Message,
  type Name,
  Nocatch,
  type Pid,
  type Self,
  type Spawnable,
  type Started,
  StartFailed,
} from 'beamish';
import { type TestSystem, testSystem } from 'beamish/testing';
import { generatorPuppet, handleOf, type Note, type PuppetMessage } from '../support/puppet.ts';

export type Scenario = (stage: Stage) => Promise<void>;

/** Whether an actor traps exits. */
export type Kind = 'plain' | 'traps';
export const KINDS: readonly Kind[] = ['plain', 'traps'];

export type Puppet = Pid<PuppetMessage>;
export type { Note };

/** Longer than any scenario takes. */
const LONG_MS = 120_000;
const STEP_MS = 1000;

export function note(what: unknown): Note {
  return { tag: 'note', what };
}

/** Plays a scenario under one schedule, and returns its log. */
export async function played(scenario: Scenario, seed: number): Promise<string[]> {
  const stage = new Stage(seed);
  await scenario(stage);
  return [...stage.lines];
}

export class Stage {
  readonly system: TestSystem;
  readonly lines: string[] = [];
  readonly #pids = new Map<string, Pid>();
  readonly #labels = new Map<Pid, string>();
  readonly #counts = new Map<string, number>();

  constructor(seed: number) {
    this.system = testSystem({ seed });
    this.label(this.system.root, 'driver');
  }

  /** One line of the log. */
  say(...parts: readonly unknown[]): void {
    this.lines.push(parts.map((part) => this.#show(part)).join(' '));
  }

  /** An actor that does what it is told, and leaves whatever else it gets in its mailbox. */
  async actor(label: string, kind: Kind = 'plain'): Promise<Puppet> {
    const pid = this.label(this.system.spawn(generatorPuppet), label);
    await this.does(pid, (self) => self.trapExit(kind === 'traps'));
    return pid;
  }

  label<P extends Pid>(pid: P, label: string): P {
    this.#pids.set(label, pid);
    this.#labels.set(pid, label);
    return pid;
  }

  labelOf(pid: Pid): string {
    return this.#show(pid);
  }

  /** Who has this label now. */
  pid<M = never>(label: string): Pid<M> {
    const pid = this.#pids.get(label);
    if (pid === undefined) throw new Error(`Nobody is labelled "${label}"`);
    return pid as unknown as Pid<M>;
  }

  /** Lets it act, settles, and resolves with what came of it. */
  async does<T>(pid: Puppet, act: (self: Self<PuppetMessage>) => T): Promise<T> {
    let value: T | undefined;
    this.system.send(pid, {
      tag: 'do',
      act(self) {
        value = act(self);
      },
    });
    await this.settle();
    return value as T;
  }

  /** Takes everything out of its mailbox, into the log. */
  async mail(pid: Puppet): Promise<void> {
    const messages = await handleOf(this.system, pid).mail();
    if (messages.length === 0) this.say(pid, 'gets nothing');
    for (const message of messages) this.say(pid, 'gets', message);
  }

  async fate(pid: Pid): Promise<void> {
    await this.settle();
    const end = this.system.told('exit').find((exit) => exit.pid === pid);
    if (end === undefined) this.say(pid, 'lives');
    else this.say(pid, 'died:', end.reason);
  }

  isAlive(pid: Pid): boolean {
    return this.system.info(pid) !== undefined;
  }

  settle(): Promise<void> {
    return this.system.settle();
  }

  wait(ms: number): Promise<void> {
    return this.system.advance(ms);
  }

  /** Runs one actor from beginning to end; an end that is not normal goes into the log. */
  async run(label: string, body: (self: Self<Note>) => Actor): Promise<void> {
    const pid = this.label(this.system.spawn(body), label);
    await this.settle();
    for (let ms = 0; this.isAlive(pid) && ms < LONG_MS; ms += STEP_MS) await this.wait(STEP_MS);
    if (this.isAlive(pid)) throw new Error(`${label} has not ended`);
    const reason = this.system.reasonOf(pid);
    if (reason !== 'normal') this.say(label, 'died:', reason);
  }

  /** An actor that starts this, tells how that went, and then does what it is told. */
  async starter<M extends Message, A extends unknown[], R>(
    label: string,
    kind: Kind,
    body: Spawnable<M, A, R>,
    ...args: NoInfer<A>
  ): Promise<Puppet> {
    const stage = this;
    const pid = this.system.spawn(function* starter(self: Self<PuppetMessage>): Actor {
      self.trapExit(kind === 'traps');
      stage.started(self.pid, yield* self.startLink(body, ...args));
      yield* generatorPuppet(self);
    });
    this.label(pid, label);
    await this.settle();
    return pid;
  }

  /** The outcome of a start, which says who has the name, if that is why. */
  started(by: Pid, outcome: Started<Pid>): void {
    if (outcome.ok) this.say(by, 'has started it');
    else if (outcome.pid === undefined) this.say(by, 'has not started it:', outcome.reason);
    else this.say(by, 'has not started it:', outcome.reason, outcome.pid);
  }

  /** What was returned or raised. */
  attempt(act: () => unknown): unknown {
    try {
      return act();
    } catch (error) {
      return error;
    }
  }

  /** How often it was called with this key. */
  count(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  #show(value: unknown): string {
    if (typeof value !== 'object' || value === null) return String(value);
    if (Array.isArray(value)) return `{${value.map((each) => this.#show(each)).join(',')}}`;
    if (value instanceof CallFailed) return `call_failed:${this.#show(value.reason)}`;
    if (value instanceof StartFailed) return `start_failed:${this.#show(value.reason)}`;
    if (value instanceof Nocatch) return `nocatch:${this.#show(value.value)}`;
    if (value instanceof Error) return `error:${classOf(value)}`;
    if ('shutdown' in value) return this.#show(['shutdown', value.shutdown]);
    if ('tag' in value) return this.#showMessage(value as Message);
    if ('serial' in value) return this.#labels.get(value as Pid) ?? 'a stranger';
    return `name:${(value as Name).name}`;
  }

  #showMessage(message: Message): string {
    switch (message.tag) {
      case 'EXIT': {
        const { from, reason } = message as Exit;
        return `EXIT of ${this.#show(from)}: ${this.#show(reason)}`;
      }
      case 'DOWN': {
        const { target, reason } = message as Down;
        return `DOWN of ${this.#show(target)}: ${this.#show(reason)}`;
      }
      case 'note':
        return this.#show((message as Note).what);
      default:
        return message.tag;
    }
  }
}

/** What Erlang would call it. */
function classOf(error: Error): string {
  return error instanceof TypeError || error instanceof RangeError ? 'badarg' : error.message;
}
