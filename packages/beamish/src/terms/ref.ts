/** Refs: inert names of monitors, timers and requests. */

import { INSPECT } from './pid.ts';

/** Names a monitor, a timer or a request. Canonical like pids: `===` holds within a system. */
export interface Ref {
  /** The name of the actor system that made it. */
  readonly system: string;
  /** Which life of a system of that name. */
  readonly incarnation: number;
  /** Which ref of that life: counted up, and never used again. */
  readonly ref: number;
}

type Resident = object | undefined;

let residentOfRef: (ref: object) => Resident;
let settleRef: (ref: Reference, resident: Resident) => void;

export class Reference implements Ref {
  readonly system: string;
  readonly incarnation: number;
  readonly ref: number;
  #resident: Resident;

  constructor(system: string, incarnation: number, ref: number, resident: Resident) {
    this.system = system;
    this.incarnation = incarnation;
    this.ref = ref;
    this.#resident = resident;
  }

  static {
    residentOfRef = (ref) => (ref instanceof Reference ? ref.#resident : undefined);
    settleRef = (ref, resident) => {
      ref.#resident = resident;
    };
  }

  toString(): string {
    return `<ref ${this.system}.${this.ref}>`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

export { residentOfRef, settleRef };

export function isRef(value: unknown): value is Ref {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Ref>).ref === 'number' &&
    typeof (value as Partial<Ref>).system === 'string'
  );
}
