/** Who has a name in another system: its registry is asked, as in Erlang through `rpc`. */

import { DEFAULT_CALL_TIMEOUT } from '../operations/call.ts';
import { settleLater } from '../system/settlement.ts';
import { type ActorSystem, stateOfSystem } from '../system/system.ts';
import type { Actor, Operation } from '../terms/operation.ts';
import {
  isName,
  type Message,
  type Name,
  name as nameIn,
  type Pid,
  ProcessId,
} from '../terms/pid.ts';
import { show } from '../terms/printable.ts';
import { type Caller, isOutside, outside, requestBy, stateOf } from './caller.ts';

/**
 * The actor that has this name in its system at this moment, or undefined. `whereis` knows the names of
 * its own system and answers at once; this asks the system of the name, such as a thread, and waits at
 * most 5,000 ms. What the caller has sent there before has arrived by then, so an actor that it has just
 * spawned with a name is found. To send, call or monitor, use the name itself, which is resolved there
 * each time: a pid may be of the dead when it arrives.
 *
 * ```ts
 * const pid = yield* whereisAt(self, name<MessageOf<typeof db>>('db', 'thread-1'));
 * const pid = await whereisAt(system, name('db', 'thread-1'));
 * ```
 *
 * @throws TypeError for what is no name of a system, CallFailed with `'noconnection'` if its system is
 * not reached.
 */
export function whereisAt<M>(by: Caller, name: Name<M>): Operation<Pid<M> | undefined> {
  const { name: local, system: there } = isName(name) ? name : {};
  if (local === undefined || there === undefined) {
    throw new TypeError(
      `Cannot look up ${show(local ?? name)} in another system: pass name(…, system), or use whereis for the names of this one`,
    );
  }
  const system = stateOf(by);
  if (there === system.name) return lookUp(by, local);
  const peer = system.distribution?.peers.get(there);
  // Its root answers for it, and has the serial of every root. One that is not reached has nobody.
  const asked =
    peer === undefined
      ? nameIn('*', there)
      : new ProcessId(there, peer.incarnation, system.root.pid.serial, undefined);
  return requestBy(by, asked, { tag: '$whereis', name: local } as Message, DEFAULT_CALL_TIMEOUT);
}

function lookUp<M>(by: Caller, local: string): Operation<Pid<M> | undefined> {
  if (isOutside(by)) return outside(lookUpOutside<M>(by, local));
  return by.perform(looking());

  function* looking(): Actor<Pid<M> | undefined> {
    return by.whereis<M>(local) as Pid<M> | undefined;
  }
}

/** On a later turn of the event loop, as every answer to the outside: who looks again and again must not keep it from turning. */
function lookUpOutside<M>(by: ActorSystem, local: string): Promise<Pid<M> | undefined> {
  const holder = by.whereis<M>(local) as Pid<M> | undefined;
  return new Promise((resolve) => settleLater(stateOfSystem(by), () => resolve(holder)));
}
