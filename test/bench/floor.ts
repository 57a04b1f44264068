/**
 * As little as actors can be made of: generators, mailboxes, and a queue of those that can run. There
 * are no links, monitors, names, timers, no selective receive, no turns and no errors: what is missing
 * is what a runtime adds.
 */

/** What a floor's actor does: it takes what is there, or yields until something comes. */
export type FloorBody<M> = Generator<undefined, void, M>;

export class FloorActor<M> {
  readonly #floor: Floor;
  #body: FloorBody<M> | undefined;
  #isWaiting = false;
  #resumeValue: M | undefined;
  #mailbox: M[] = [];
  #front = 0;
  /** The next that can run. */
  next: FloorActor<never> | undefined;

  constructor(floor: Floor) {
    this.#floor = floor;
  }

  start(body: FloorBody<M>): this {
    this.#body = body;
    this.#floor.makeReady(this as unknown as FloorActor<never>);
    return this;
  }

  send(message: M): void {
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.#resumeValue = message;
      this.#floor.makeReady(this as unknown as FloorActor<never>);
    } else {
      this.#mailbox.push(message);
    }
  }

  /** `actor.take() ?? (yield)` is a receive. */
  take(): M | undefined {
    if (this.#front === this.#mailbox.length) {
      if (this.#front > 0) {
        this.#mailbox = [];
        this.#front = 0;
      }
      this.#isWaiting = true;
      return undefined;
    }
    return this.#mailbox[this.#front++];
  }

  /** How many messages wait. */
  get length(): number {
    return this.#mailbox.length - this.#front;
  }

  step(): void {
    const message = this.#resumeValue;
    this.#resumeValue = undefined;
    this.#body?.next(message as M);
  }
}

export class Floor {
  #first: FloorActor<never> | undefined;
  #last: FloorActor<never> | undefined;

  spawn<M>(body: (me: FloorActor<M>) => FloorBody<M>): FloorActor<M> {
    const actor = new FloorActor<M>(this);
    return actor.start(body(actor));
  }

  makeReady(actor: FloorActor<never>): void {
    actor.next = undefined;
    if (this.#last === undefined) this.#first = actor;
    else this.#last.next = actor;
    this.#last = actor;
  }

  /** Until nobody can run. */
  run(): void {
    for (;;) {
      const actor = this.#first;
      if (actor === undefined) return;
      this.#first = actor.next;
      if (this.#first === undefined) this.#last = undefined;
      actor.step();
    }
  }
}
