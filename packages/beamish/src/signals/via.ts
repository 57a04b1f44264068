/**
 * Names that a registry of the program gives, and not the system (Erlang's `{via, Module, Name}`). To the
 * runtime one is a `Name` whose system is none; wherever that matters, it asks here who has it.
 */

import type { ActorCell } from '../state/actor-cell.ts';
import type { SystemState } from '../state/system-state-types.ts';
import { INSPECT, type Name } from '../terms/pid.ts';

declare const MESSAGE: unique symbol;

export abstract class Via implements Pick<Name, 'name' | 'system'> {
  declare readonly [MESSAGE]: (message: never) => void;
  /** For people. */
  readonly name: string;
  readonly system: string;

  constructor(key: string, registry: string) {
    this.name = key;
    this.system = `via ${registry}`;
  }

  /** Who has it, alive or about to end. */
  abstract holder(system: SystemState): ActorCell | undefined;

  /** @throws TypeError if nobody can have it. */
  abstract check(system: SystemState): void;

  /** Gives it to an actor that is new; false if somebody has it. It has been checked in the same step. */
  abstract claim(cell: ActorCell): boolean;

  toString(): string {
    return `"${this.name}" ${this.system}`;
  }

  [INSPECT](): string {
    return `via(${this.toString()})`;
  }
}
