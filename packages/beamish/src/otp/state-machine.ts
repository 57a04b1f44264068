/**
 * A state machine (OTP's gen_statem): what an event means depends on the state. `machine.ts` runs it.
 */

import type { Actor, Step } from '../terms/operation.ts';
import { checkValue, FUNCTION } from '../terms/options.ts';
import type { Message, Target } from '../terms/pid.ts';
import type { Answer, CallArgs, HandlerName, ServerMessage } from '../terms/protocol.ts';
import type { Body, Self } from '../terms/self-types.ts';
import { startsByInit } from '../terms/spawnable.ts';
import type { Asked, Caller } from './caller.ts';
import { Machine } from './machine.ts';
import type { EventsOf, MachineDefinition, MachineSelf, Stop } from './machine-definition.ts';
import type { StateValue } from './transition.ts';

type InitResult<S extends StateValue, E, M extends Message> =
  | MachineDefinition<S, E, M>
  | 'ignore'
  | Stop;

/**
 * A state machine. `init` runs in the new actor with its arguments, keeps what the states share in its
 * own variables, and returns what `self.begin` makes of a state to begin in and the handlers of each.
 * An event is handled when the one before has been; a handler returns what comes of it, or nothing.
 *
 * ```ts
 * interface Door {
 *   call: { isOpen(): boolean };
 *   cast: { button(digit: string): void };
 * }
 * const door = stateMachine((self: MachineSelf<'locked' | 'open', Door>, code: string) => {
 *   let entered = '';
 *   return self.begin('locked', {
 *     locked: {
 *       enter() {
 *         entered = '';
 *       },
 *       cast: {
 *         button(digit) {
 *           entered += digit;
 *           return entered === code ? self.next('open') : self.keep();
 *         },
 *       },
 *       call: { isOpen: (from) => self.reply(from, false) },
 *     },
 *     open: {
 *       enter: () => self.stateTimeout(10_000),
 *       stateTimeout: () => self.next('locked'),
 *       cast: { button: () => self.postpone() },
 *       call: { isOpen: (from) => self.reply(from, true) },
 *     },
 *   });
 * });
 * const pid = await system.start(door, '12');
 * for (const digit of '12') system.cast(pid, 'button', digit);
 * await system.call(pid, 'isOpen'); // true
 * ```
 *
 * Guaranteed is OTP's order: postponed events come back when the state has changed, all of them, in the
 * order in which they came, before anything later; an event time-out ends with any event, a state
 * time-out with the state, one that has a name with neither. A handler that throws, returns something
 * else, or is not there ends the machine with that error, and callers hear of it. Not promised: that a
 * time-out comes on time behind a long handler or a full mailbox, or at all to a bounded one that is full.
 */
export const stateMachine = /* @__PURE__ */ Object.assign(
  function stateMachine<
    S extends StateValue,
    E,
    A extends unknown[] = [],
    M extends Message = never,
  >(
    init: (
      self: MachineSelf<S, E, M>,
      ...args: A
    ) =>
      | InitResult<S, E, M>
      | Generator<Step, InitResult<S, E, M>, unknown>
      | Promise<InitResult<S, E, M>>,
  ): Body<ServerMessage<{ call: EventsOf<E, 'call'>; cast: EventsOf<E, 'cast'> }> | M, A, void> {
    checkValue('Cannot make a state machine', 'its init', init, FUNCTION);
    const body = (self: Self<Message>, ...args: A): Actor =>
      new Machine(self).run((its) => init(its as unknown as MachineSelf<S, E, M>, ...args));
    Object.defineProperty(body, 'name', { value: init.name === '' ? 'stateMachine' : init.name });
    return startsByInit(body) as unknown as Body<
      ServerMessage<{ call: EventsOf<E, 'call'>; cast: EventsOf<E, 'cast'> }> | M,
      A,
      void
    >;
  },
  {
    /**
     * Calls a machine without a deadline, as OTP does: it may postpone the call for as long as it likes.
     * `self.call` and `system.call` work as well, with theirs. @throws CallFailed
     *
     * ```ts
     * yield* stateMachine.call(self, pid, 'isOpen').within(1000); // true
     * ```
     */
    call: <C extends Caller, N extends Message, const Q extends HandlerName<N>>(
      by: C,
      to: Target<N>,
      event: Q,
      ...args: CallArgs<N, Q>
    ): Asked<C, Answer<N, Q>> =>
      (by.call as unknown as (...request: readonly unknown[]) => ReturnType<Caller['call']>)
        .call(by, to, event, ...args)
        .within('infinity') as Asked<C, Answer<N, Q>>,
  },
);
