/**
 * An agent (Elixir's Agent): a server that is nothing but its state. Others send it functions, which
 * run in the agent, one at a time.
 */

import { checkValue, FUNCTION } from '../terms/options.ts';
import type { ServerAddress, ServerMessage } from '../terms/protocol.ts';
import { passable } from '../terms/reserved.ts';
import type { Body } from '../terms/self-types.ts';
import { type Asked, type Caller, stateOf } from './caller.ts';
import { server } from './server.ts';

/** What one can ask an agent for. */
export interface AgentProtocol<S> {
  /** Functions that are run on the state, and answered. */
  readonly call: {
    get(read: (state: S) => unknown): unknown;
    update(change: (state: S) => S): void;
    getAndUpdate(step: (state: S) => readonly [unknown, S]): unknown;
  };
  /** Functions that are run on the state; nobody waits. */
  readonly cast: { update(change: (state: S) => S): void };
}
/** An agent with a state of type `S`, by pid or name. */
export type AgentAddress<S> = ServerAddress<AgentProtocol<S>>;

/**
 * An agent whose first state is what `init` returns. A function that throws ends the agent, and the
 * caller's call fails with that error. The functions are plain: the agent waits for none of them.
 *
 * ```ts
 * const hits = yield* self.startLink(agent(() => 0));
 * agent.cast(self, hits.pid, (n) => n + 1);
 * const n = yield* agent.get(self, hits.pid, (n) => n); // 1
 * ```
 */
export const agent = /* @__PURE__ */ Object.assign(
  function agent<S, A extends unknown[] = []>(
    init: (...args: A) => S,
  ): Body<ServerMessage<AgentProtocol<S>>, A, void> {
    checkValue('Cannot make an agent', 'its init', init, FUNCTION);
    const body = server((_self, ...args: A) => {
      let state = init(...args);
      const update = (change: (state: S) => S): void => {
        state = change(state);
      };
      return {
        call: {
          get: (read: (state: S) => unknown) => read(state),
          update,
          getAndUpdate(step: (state: S) => readonly [unknown, S]) {
            const [value, next] = step(state);
            state = next;
            return value;
          },
        },
        cast: { update },
        state: {
          get: () => state,
          set(next: S) {
            state = next;
          },
        },
      };
    });
    Object.defineProperty(body, 'name', { value: 'agent' });
    return body;
  },
  {
    /** What a function of the state returns. The first argument is an actor's `self` or a system. @throws CallFailed */
    get: <C extends Caller, S, T>(by: C, to: AgentAddress<S>, read: (state: S) => T): Asked<C, T> =>
      request(by, to, 'get', read),
    /** Makes a new state of the state, and waits until it has. @throws CallFailed */
    update: <C extends Caller, S>(
      by: C,
      to: AgentAddress<S>,
      change: (state: S) => S,
    ): Asked<C, void> => request(by, to, 'update', change),
    /** The first of the two that `step` returns; the second is the new state. @throws CallFailed */
    getAndUpdate: <C extends Caller, S, T>(
      by: C,
      to: AgentAddress<S>,
      step: (state: S) => readonly [T, S],
    ): Asked<C, T> => request(by, to, 'getAndUpdate', step),
    /** Makes a new state of the state, and does not wait. */
    cast: <S>(by: Caller, to: AgentAddress<S>, change: (state: S) => S): void =>
      by.cast(to, 'update', carried(by, change)),
  },
);

function request<C extends Caller, T>(
  by: C,
  to: unknown,
  name: keyof AgentProtocol<never>['call'],
  run: (state: never) => unknown,
): Asked<C, T> {
  // The types of the requests are those of the functions above.
  return (by.call as (to: unknown, name: string, run: unknown) => unknown).call(
    by,
    to,
    name,
    carried(by, run),
  ) as Asked<C, T>;
}

/** Where messages are copied, too. */
function carried<F extends (state: never) => unknown>(by: Caller, run: F): F {
  return stateOf(by).isolate === undefined ? run : passable(run);
}
