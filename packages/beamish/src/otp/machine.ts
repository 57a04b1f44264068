/**
 * A state machine at work. A handler says what is to come of its event, and the machine carries that out
 * in OTP's order: replies, the enter call of another state, events inserted, events postponed, what
 * waited before, time-outs of no time, and only then the mailbox.
 *
 * Over 300 lines: that order is one course over one state, which would be harder to follow in two files.
 */

import { failStart, initialised } from '../operations/starting.ts';
import { type ActorCell, isAlive } from '../state/actor-cell.ts';
import { coldStateOf } from '../state/cold-state.ts';
import { MADE } from '../state/status.ts';
import { cellOfSelf } from '../system/self.ts';
import { type ExitReason, reasonOfThrown } from '../terms/exit-reason.ts';
import type { Actor } from '../terms/operation.ts';
import type { Message } from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import type { ServerRequest } from '../terms/protocol.ts';
import type { Self } from '../terms/self-types.ts';
import type { Exit } from '../terms/signal.ts';
import { forgotten } from '../turn/forgotten.ts';
import { Definition, type ErasedHandlers, handlerIn } from './machine-definition.ts';
import { MachineTimers } from './machine-timers.ts';
import { mustWait, settled, terminate } from './server.ts';
import { attend, type SystemRequest } from './system-messages.ts';
import {
  Decision,
  type Goal,
  isSameState,
  kindOf,
  type MachineEvent,
  type StateValue,
} from './transition.ts';

/** What comes of a handler that returns nothing. */
const NOTHING = /* @__PURE__ */ new Decision({ kind: 'keep' });

export class Machine {
  readonly #self: Self<Message>;
  readonly #cell: ActorCell;
  readonly #timers: MachineTimers;
  #definition: Definition = new Definition('', {});
  #state: StateValue = '';
  /** What the state does; set with it. */
  #handlers: ErasedHandlers = {};
  /** To be handled before the mailbox, the next one first. */
  #waiting: MachineEvent[] = [];
  /** To be handled when the state has changed, in the order in which they came. */
  #postponed: MachineEvent[] = [];
  /** What the handler that runs has made last, to see that it returns it. */
  #made: Decision | undefined = undefined;
  /** How many it has made. */
  #makings = 0;
  #ending: { readonly reason: ExitReason } | undefined = undefined;

  constructor(self: Self<Message>) {
    this.#self = self;
    this.#cell = cellOfSelf(self);
    this.#timers = new MachineTimers(self);
  }

  *run(init: (self: object) => unknown): Actor<never> {
    const self = this.#self;
    this.#begin(yield* settled(self, init(this.#withVerbs())));
    const clean = {
      terminate: (reason: ExitReason) => this.#definition.options.terminate?.(reason, this.#state),
    };
    let terminated = false;
    try {
      yield* this.#enter(this.#state, this.#definition.initial);
      for (;;) {
        if (this.#ending !== undefined) {
          const { reason } = this.#ending as { readonly reason: ExitReason };
          terminated = true;
          yield* terminate(self, clean, reason);
          return self.exit(reason);
        }
        let event = this.#waiting.shift() ?? this.#timers.takeDue();
        if (event === undefined) {
          const message = yield* self.receive();
          if (message.tag === '$system') yield* this.#attend(message as unknown as SystemRequest);
          else event = this.#eventOf(message);
          if (event === undefined) continue;
        }
        let value = this.#handle(event);
        if (mustWait(value)) value = yield* settled(self, value);
        if (this.#cell.status === MADE) throw forgotten(this.#cell);
        const entering = this.#carryOut(this.#decided(value, event), event);
        if (entering !== undefined) yield* entering;
      }
    } catch (error) {
      // A handler's failure is the machine's, but it may clean up first. One that was ended may not.
      if (isAlive(this.#cell) && !terminated) yield* terminate(self, clean, reasonOfThrown(error));
      throw error;
    }
  }

  #withVerbs(): object {
    const make = (goal: Goal): Decision => {
      this.#made = new Decision(goal);
      this.#makings++;
      return this.#made;
    };
    const keep = (): Decision => make({ kind: 'keep' });
    const actions: Pick<
      Decision,
      'reply' | 'stateTimeout' | 'eventTimeout' | 'timeout' | 'postpone' | 'nextEvent'
    > = {
      reply: (to, value) => keep().reply(to, value),
      stateTimeout: (time, content) => keep().stateTimeout(time, content),
      eventTimeout: (time, content) => keep().eventTimeout(time, content),
      timeout: (name, time, ...args) => keep().timeout(name, time, ...args),
      postpone: () => keep().postpone(),
      nextEvent: (name, ...args) => keep().nextEvent(name, ...args),
    };
    const self = Object.assign(this.#self, actions, {
      begin: (...of: ConstructorParameters<typeof Definition>) => new Definition(...of),
      next: (state: StateValue) => make({ kind: 'next', state }),
      keep,
      repeat: () => make({ kind: 'repeat' }),
      stop: (reason: ExitReason = 'normal') => make({ kind: 'stop', reason }),
    });
    return Object.defineProperty(self, 'state', { get: () => this.#state });
  }

  /** Whoever waits for the start hears of it before the first enter call, as in OTP. */
  #begin(made: unknown): void {
    const self = this.#self;
    if (made === 'ignore') {
      failStart(this.#cell, 'ignore');
      self.exit('normal');
    }
    if (made instanceof Decision && made.goal.kind === 'stop') self.exit(made.goal.reason);
    if (!(made instanceof Definition)) {
      throw new TypeError(
        `State machine init returned ${show(made)}: it returns self.begin(…), or 'ignore' (bad_return_from_init)`,
      );
    }
    this.#definition = made;
    this.#become(made.state);
    coldStateOf(this.#cell).showState = () => this.#shown();
    initialised(this.#cell, made.options.extra);
  }

  #become(state: StateValue): void {
    const { states } = this.#definition;
    const kind = kindOf(state);
    if (!Object.hasOwn(states, kind)) {
      const known = Object.keys(states).map((each) => `"${each}"`);
      throw new TypeError(
        `State machine ${String(this.#self.pid)} cannot become "${kind}": its states are ${known.join(', ')}`,
      );
    }
    this.#state = state;
    const handlers = states[kind] as Definition['states'][string];
    this.#handlers = typeof handlers === 'function' ? handlers(state) : handlers;
  }

  /** What a message means to the states; undefined if nothing. */
  #eventOf(message: Message): MachineEvent | undefined {
    switch (message.tag) {
      case '$request': {
        const { kind, name, args, replyTo } = message as ServerRequest;
        return { kind, name, args: replyTo === undefined ? args : [replyTo, ...args] };
      }
      case '$timeout':
        return this.#timers.takeFired(message);
      case 'EXIT':
        // A parent's end is its children's, if they see it coming.
        if ((message as Exit).from === this.#self.parent) {
          this.#ending = { reason: (message as Exit).reason };
          return undefined;
        }
    }
    return { kind: 'info', name: message.tag, args: [message] };
  }

  /** Calls the handler of an event, and returns what it returned. */
  #handle(event: MachineEvent): unknown {
    if (event.kind !== 'eventTimeout') this.#timers.cancel('eventTimeout');
    const { otherwise } = this.#definition.options;
    const handler = handlerIn(this.#handlers, event) ?? handlerIn(otherwise, event);
    if (handler === undefined) throw new TypeError(`${this.#what(event)} has no handler`);
    this.#forgetMade();
    return handler(...event.args);
  }

  #forgetMade(): void {
    this.#made = undefined;
    this.#makings = 0;
  }

  /** What a handler wants that has returned this. */
  #decided(value: unknown, event: MachineEvent | 'enter'): Decision {
    if (value instanceof Decision && this.#makings <= 1) return value;
    if (value instanceof Decision) {
      throw new TypeError(
        `${this.#what(event)} made ${this.#makings} transitions or actions, and can return one: chain them, as in self.next(…).reply(…)`,
      );
    }
    if (value !== undefined) {
      throw new TypeError(
        `${this.#what(event)} returned ${show(value)}, which is no transition (bad_return_from_state_function)`,
      );
    }
    if (this.#made === undefined) return NOTHING;
    throw new TypeError(
      `${this.#what(event)} did not return the "${this.#made.goal.kind}" that it made`,
    );
  }

  /** Does what is to come of an event; if an enter call is among it, returns the steps from there on. */
  #carryOut(decision: Decision, event: MachineEvent): Actor | undefined {
    const { goal, replies } = decision;
    for (const { to, value } of replies) this.#self.send(to, value);
    const old = this.#state;
    switch (goal.kind) {
      case 'stop':
        this.#ending = { reason: goal.reason };
        return undefined;
      case 'repeat':
        if (decision.postpones) this.#postponed.push(event);
        return this.#enter(old, decision);
      case 'keep':
      case 'next':
        if (decision.postpones) this.#postponed.push(event);
        if (goal.kind === 'keep' || isSameState(goal.state, old)) break;
        this.#become(goal.state);
        this.#timers.cancel('stateTimeout');
        this.#waiting = [...this.#postponed, ...this.#waiting];
        this.#postponed = [];
        return this.#enter(old, decision);
    }
    this.#goOn(decision, decision.timeouts);
    return undefined;
  }

  /** The enter call, whose replies and time-outs come after those of the transition, and the rest of that. */
  *#enter(old: StateValue, decision: Decision): Actor {
    const { otherwise } = this.#definition.options;
    const timeouts = [...decision.timeouts];
    for (let again = true; again; ) {
      const enter = this.#handlers.enter ?? otherwise?.enter;
      if (enter === undefined) break;
      this.#forgetMade();
      const asked = this.#entered(yield* settled(this.#self, enter(old)));
      for (const { to, value } of asked.replies) this.#self.send(to, value);
      if (asked.goal.kind === 'stop') {
        this.#ending = { reason: asked.goal.reason };
        return;
      }
      timeouts.push(...asked.timeouts);
      again = asked.goal.kind === 'repeat';
    }
    this.#goOn(decision, timeouts);
  }

  /** What an enter call wants; there is much that it may not. */
  #entered(value: unknown): Decision {
    const decision = this.#decided(value, 'enter');
    const { goal, postpones, nextEvents } = decision;
    if (goal.kind === 'next' && !isSameState(goal.state, this.#state)) {
      throw new TypeError(
        `${this.#what('enter')} returned another state, "${kindOf(goal.state)}" (bad_state_enter_return)`,
      );
    }
    if (postpones || nextEvents.length > 0) {
      const action = postpones ? 'postpone' : 'nextEvent';
      throw new TypeError(
        `${this.#what('enter')} returned ${action}(), and has no event (bad_state_enter_action)`,
      );
    }
    return decision;
  }

  #goOn({ nextEvents }: Decision, timeouts: Decision['timeouts']): void {
    if (nextEvents.length > 0) this.#waiting = [...nextEvents, ...this.#waiting];
    this.#timers.apply(timeouts);
  }

  *#attend(request: SystemRequest): Actor {
    const { data } = this.#definition.options;
    const ending = yield* attend(this.#self, request, {
      get: () => ({ state: this.#state, data: data?.get() }),
      set: (replaced) => {
        const both = replaced as { readonly state: StateValue; readonly data: unknown };
        if (!isSameState(both.state, this.#state)) this.#become(both.state);
        data?.set?.(both.data);
      },
    });
    if (ending !== undefined) this.#ending = ending;
  }

  /** For crash reports. */
  #shown(): unknown {
    const { data } = this.#definition.options;
    if (data === undefined) return this.#state;
    const its = data.get();
    return { state: this.#state, data: data.format === undefined ? its : data.format(its) };
  }

  /** An event and where it happens, in words. */
  #what(event: MachineEvent | 'enter'): string {
    const [kind, name] = event === 'enter' ? [event, undefined] : [event.kind, event.name];
    const called = name === undefined ? kind : `${kind} "${name}"`;
    return `State machine ${String(this.#self.pid)} in "${kindOf(this.#state)}": ${called}`;
  }
}
