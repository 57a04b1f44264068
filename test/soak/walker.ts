/** The actors of a soak, which do to each other, at random, whatever actors can; and keep account of it. */

import {
  type Actor,
  type Down,
  type Exit,
  name,
  type Pending,
  type Pid,
  portable,
  type Ref,
  type ReplyTo,
  type Self,
} from 'beamish';
import { generator } from 'beamish/testing';
import { cellOfSelf } from '../../packages/beamish/src/system/self.ts';
import { keepBooks, labelFor } from './bookkeeper.ts';
import { type Label, Ledger, type Shared } from './ledger.ts';

/** How a walker is, when it is asked. */
export interface Report {
  readonly links: readonly Pid[];
  readonly monitored: readonly Pid[];
  /** Requests that have neither been answered nor failed. */
  readonly pending: number;
}

interface Numbered extends Label {
  readonly tag: 'n';
  /** Counts what its sender has sent to its receiver, or to names. */
  readonly n: number;
  readonly named: boolean;
  /** The sender's serial. */
  readonly by: number;
  /** Makes the message one with an address inside. */
  readonly me?: Pid;
}

/** Requests are not labelled, as who asks knows what becomes of them; replies are. */
interface Answer extends Label {
  readonly n: number;
}

type Asked = {
  readonly tag: 'ask';
  readonly n: number;
  readonly me: Pid;
  readonly replyTo: ReplyTo<Answer>;
};
type Reporting = { readonly tag: 'report'; readonly replyTo: ReplyTo<Report> };
export type Walk =
  | Numbered
  | Asked
  | Reporting
  | ({ readonly tag: 'go' | 'friends'; readonly pids: readonly Pid<Walk>[] } & Label)
  | ({ readonly tag: 'rest' | 'tick' } & Label);

/** Begins to keep the books of its thread, and stays. */
export const bookkeeper = portable(
  import.meta,
  'bookkeeper',
  function* bookkeeper(
    self: Self<{ readonly tag: 'heap'; readonly replyTo: ReplyTo<number> }>,
    shared: Shared,
  ): Actor {
    keepBooks(cellOfSelf(self).system, new Ledger(shared));
    for (;;) self.send((yield* self.receive('heap')).replyTo, heapUsed());
  },
);

/** Bytes in use by this thread once what is garbage has been collected. */
export function heapUsed(): number {
  const { gc } = globalThis as { readonly gc?: () => void };
  gc?.();
  gc?.();
  return process.memoryUsage().heapUsed;
}

const MOST_PENDING = 8;
const MOST_MONITORS = 50;
const FLOOD = 3000;

export const walker = portable(
  import.meta,
  'walker',
  function* walker(
    self: Self<Walk>,
    shared: Shared,
    seed: number,
    rests: boolean,
    friends: readonly Pid<Walk>[],
  ): Actor {
    self.trapExit(true);
    const walking = new Walking(self, new Ledger(shared), seed);
    walking.rests = rests;
    walking.friends = friends;
    for (;;) {
      yield* walking.takeMail();
      if (walking.friends.length > 0 && !walking.rests) yield* walking.act();
      yield* walking.lookAfterRequests();
    }
  },
);

interface Asking {
  readonly pending: Pending<Answer>;
  readonly n: number;
}

class Walking {
  friends: readonly Pid<Walk>[] = [];
  rests = false;
  readonly #self: Self<Walk>;
  readonly #ledger: Ledger;
  readonly #random: () => number;
  /** What was last sent to each pid, and last got from each sender. */
  readonly #sent = new Map<Pid, number>();
  readonly #got = new Map<string, number>();
  readonly #gotByName = new Map<string, number>();
  readonly #monitors = new Map<Ref, Pid>();
  #requests: Asking[] = [];
  #n = 0;

  constructor(self: Self<Walk>, ledger: Ledger, seed: number) {
    this.#self = self;
    this.#ledger = ledger;
    this.#random = generator(seed);
  }

  *takeMail(): Actor {
    // Who has nothing to do waits for a moment; so does, now and then, who has.
    const ms = this.rests ? 5 : this.#random() < 0.05 ? 1 : 0;
    let message = yield* this.#self.receive().after(ms);
    for (; message !== undefined; message = yield* this.#self.receive().after(0))
      this.#take(message);
  }

  #take(message: Walk | Exit | Down): void {
    const self = this.#self;
    switch (message.tag) {
      case 'n':
        return this.#count(message);
      case 'ask':
        return self.send(message.replyTo, { n: message.n + 1, ...this.#label(message.me) });
      case 'report':
        return self.send(message.replyTo, this.#report());
      case 'go':
        this.rests = false;
        // Nothing is under way, so nothing more can come of those that have ended.
        this.#forgetAllBut(message.pids);
        this.friends = message.pids.filter((pid) => pid !== self.pid);
        return;
      case 'friends':
        this.friends = message.pids.filter((pid) => pid !== self.pid);
        return;
      case 'rest':
        this.rests = true;
        return;
      case 'DOWN':
        if (this.#monitors.get(message.ref) !== message.target)
          this.#ledger.fault(`${self.pid} got a DOWN for which it has no monitor`);
        this.#monitors.delete(message.ref);
    }
  }

  /** Messages of one sender come in order, each once, and none is left out. */
  #count({ from, by, n, named }: Numbered): void {
    const got = named ? this.#gotByName : this.#got;
    const sender = `${from} ${by}`;
    const last = got.get(sender) ?? 0;
    if (named ? n <= last : n !== last + 1)
      this.#ledger.fault(`${this.#self.pid} got ${n} after ${last} from ${sender}`);
    got.set(sender, n);
  }

  #forgetAllBut(pids: readonly Pid[]): void {
    const living = new Set(pids);
    for (const pid of this.#sent.keys()) if (!living.has(pid)) this.#sent.delete(pid);
    const senders = new Set(pids.map((p) => `${this.#ledger.lifeOf(p.incarnation)} ${p.serial}`));
    for (const got of [this.#got, this.#gotByName])
      for (const sender of got.keys()) if (!senders.has(sender)) got.delete(sender);
  }

  #report(): Report {
    const links = this.#self.info(this.#self.pid)?.links ?? [];
    return { links, monitored: [...this.#monitors.values()], pending: this.#requests.length };
  }

  *act(): Actor {
    const self = this.#self;
    const friend = this.friends[Math.floor(this.#random() * this.friends.length)] as Pid<Walk>;
    const chance = this.#random() * 1000;
    if (chance < 450) this.#send(friend, 1 + Math.floor(this.#random() * 20));
    else if (chance < 600) yield* self.offer(friend, this.#numbered(friend));
    else if (chance < 650) this.#sendToName(friend);
    else if (chance < 750) this.#ask(friend);
    else if (chance < 820) this.#monitor(friend);
    else if (chance < 850) this.#demonitor();
    else if (chance < 900) self.link(friend);
    else if (chance < 940) self.unlink(friend);
    else if (chance < 970) self.sendAfter(1, friend, { tag: 'tick', ...this.#label(friend) });
    else if (chance < 980) self.exitSignal(friend, 'hello');
    else if (chance < 985) yield* self.sleep(2);
    else if (chance < 985.5) this.#send(friend, FLOOD);
    else if (chance < 985.53) self.exitSignal(friend, 'kill');
    else if (chance < 985.56) throw new Error('A crash');
    else if (chance < 985.58) self.exit('normal');
  }

  #send(friend: Pid<Walk>, times: number): void {
    for (let i = 0; i < times; i++) this.#self.send(friend, this.#numbered(friend));
  }

  #numbered(friend: Pid<Walk>): Numbered {
    const n = (this.#sent.get(friend) ?? 0) + 1;
    this.#sent.set(friend, n);
    return this.#message(n, false, this.#label(friend));
  }

  #message(n: number, named: boolean, label: Label): Numbered {
    const { pid } = this.#self;
    const message: Numbered = { tag: 'n', n, named, by: pid.serial, ...label };
    return this.#random() < 0.1 ? { ...message, me: pid } : message;
  }

  #label(to: Pid): Label {
    return labelFor(cellOfSelf(this.#self).system, this.#ledger, to);
  }

  #sendToName(friend: Pid): void {
    const which = name<Walk>(`walker ${Math.floor(this.#random() * 4)}`, friend.system);
    const label = this.#label(friend);
    // What comes to a new life before its books are open would not be found in them.
    if (this.#ledger.isOpen(label.to))
      this.#self.send(which, this.#message(++this.#n, true, label));
  }

  #ask(friend: Pid<Walk>): void {
    if (this.#requests.length >= MOST_PENDING) return;
    const n = ++this.#n;
    this.#requests.push({
      pending: this.#self.request(friend, { tag: 'ask', n, me: this.#self.pid }),
      n,
    });
  }

  #monitor(friend: Pid): void {
    if (this.#monitors.size >= MOST_MONITORS) this.#demonitor();
    this.#monitors.set(this.#self.monitor(friend), friend);
  }

  #demonitor(): void {
    const [ref] = this.#monitors.keys();
    if (ref === undefined) return;
    // Its DOWN may be in the mailbox, from which it goes too.
    this.#self.demonitor(ref, { flush: true });
    this.#monitors.delete(ref);
  }

  *lookAfterRequests(): Actor {
    const left: Asking[] = [];
    for (const request of this.#requests) {
      const outcome = yield* request.pending.wait(0);
      if (outcome === undefined) left.push(request);
      else if (outcome.ok && outcome.value.n !== request.n + 1)
        this.#ledger.fault(`${this.#self.pid} asked with ${request.n} and got ${outcome.value.n}`);
    }
    this.#requests = left;
  }
}
