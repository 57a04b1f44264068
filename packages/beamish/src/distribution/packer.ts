/** Boxes what a structured clone would spoil, and refuses what cannot cross: see `boxes.ts`. */

import type { IdentityMap } from '../state/identity-map.ts';
import { isReference } from '../state/timer.ts';
import { isName, isPid, isReplyTo, ProcessId, ReplyAlias, showAddress } from '../terms/pid.ts';
import { isCloneable, setOwn } from '../terms/plain-data.ts';
import { show } from '../terms/printable.ts';
import type { Box, Deep, Later } from './boxes.ts';
import { boxError } from './error-box.ts';

/** Levels that cross in one piece: a structured clone has no stack for more than some thousands. */
const LEVELS_OF_A_PIECE = 500;

/** Boxes what needs it. */
export class Packer {
  readonly #identities: IdentityMap;

  constructor(identities: IdentityMap) {
    this.#identities = identities;
  }

  /** @throws TypeError for what cannot cross. */
  message(value: unknown, to: unknown, what = 'message'): unknown {
    return new Packing(this.#identities, (place, why) => {
      throw new TypeError(
        `Cannot send to ${showAddress(to)}, which is of another system: ${place} is ${why}`,
      );
    }).pack(value, what);
  }

  /** An exit reason crosses whatever it is: an actor that ends cannot be told that it must not. */
  reason(value: unknown): unknown {
    try {
      return new Packing(this.#identities, (_, why) => `(${why})`).pack(value, 'reason');
    } catch (error) {
      // Reading it runs its getters, which are user code.
      return new Packing(this.#identities, (_, why) => `(${why})`).pack(
        lossyReason(value, error),
        'reason',
      );
    }
  }
}

/** What is left of an exit reason that cannot cross. */
export function lossyReason(reason: unknown, thrown: unknown): TypeError {
  return new TypeError(
    `The exit reason cannot cross to another system (${show(thrown)}): ${show(reason)}`,
  );
}

/** One value on its way into boxes. */
class Packing {
  readonly #identities: IdentityMap;
  readonly #refuse: Refuse;
  readonly #copies = new Map<object, unknown>();
  /** Pieces of a deep value, in whose places a `later` stands. */
  readonly #pieces: { readonly value: unknown; readonly place: string }[] = [];

  constructor(identities: IdentityMap, refuse: Refuse) {
    this.#identities = identities;
    this.#refuse = refuse;
  }

  pack(value: unknown, place: string): unknown {
    const root = this.#pack(value, place, 0);
    if (this.#pieces.length === 0) return root;
    const pieces: unknown[] = [];
    // More are added on the way.
    for (const piece of this.#pieces) pieces.push(this.#pack(piece.value, piece.place, 0));
    return { $: 'deep', root, pieces } satisfies Deep;
  }

  #pack(value: unknown, place: string, depth: number): unknown {
    if (typeof value === 'function')
      return this.#refuse(place, value.name === '' ? 'a function' : `the function ${value.name}`);
    if (typeof value === 'symbol') return this.#refuse(place, String(value));
    if (typeof value !== 'object' || value === null) return value;
    const copies = this.#copies;
    if (copies.has(value)) return copies.get(value);
    const keep = <T>(made: T): T => {
      copies.set(value, made);
      return made;
    };
    const inner = (item: unknown, where: string): unknown => this.#pack(item, where, depth + 1);
    if (Array.isArray(value)) {
      const made = keep<unknown[]>([]);
      for (const [i, item] of value.entries()) made.push(this.#item(item, `${place}[${i}]`, depth));
      return made;
    }
    if (value instanceof Map) {
      const made = keep(new Map<unknown, unknown>());
      for (const [key, item] of value)
        made.set(inner(key, `a key of ${place}`), inner(item, `${place}.get(${keyText(key)})`));
      return made;
    }
    if (value instanceof Set) {
      const made = keep(new Set<unknown>());
      for (const item of value) made.add(inner(item, `an item of ${place}`));
      return made;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      const fields: Record<string, unknown> = {};
      // A field that looks like our own.
      const made = keep(Object.hasOwn(value, '$') ? { $: 'object', fields } : fields);
      for (const [key, item] of Object.entries(value))
        setOwn(fields, key, this.#item(item, `${place}.${key}`, depth));
      return made;
    }
    if (value instanceof Error)
      return boxError(value, keep, (item, field) => inner(item, `${place}.${field}`));
    const address = this.#address(value);
    if (address !== undefined) return address;
    if (isCloneable(value)) return value;
    const made = value.constructor as { readonly name?: string } | undefined;
    return this.#refuse(place, `an instance of ${made?.name ?? 'a class'}`);
  }

  /** Of a list or a plain object, where a deep value can be cut. */
  #item(value: unknown, place: string, depth: number): unknown {
    const isDeep = depth + 1 >= LEVELS_OF_A_PIECE && typeof value === 'object' && value !== null;
    if (!isDeep || this.#copies.has(value)) return this.#pack(value, place, depth + 1);
    return { $: 'later', piece: this.#pieces.push({ value, place }) - 1 } satisfies Later;
  }

  #address(value: object): Box | undefined {
    if (value instanceof ProcessId) {
      const { system, incarnation, serial } = value;
      this.#identities.pidLeaves(value);
      return { $: 'pid', system, incarnation, number: serial };
    }
    if (value instanceof ReplyAlias) {
      const { system, incarnation, alias } = value;
      this.#identities.aliasLeaves(value);
      return { $: 'alias', system, incarnation, number: alias };
    }
    if (isReference(value)) {
      const { system, incarnation, ref } = value;
      this.#identities.refLeaves(value);
      return { $: 'ref', system, incarnation, number: ref };
    }
    // Pids and refs are plain objects to whoever made one by hand; a name is of a class of its own.
    return isName(value) && !isPid(value) && !isReplyTo(value) && isBare(value)
      ? { $: 'name', name: value.name, system: value.system }
      : undefined;
  }
}

/** A key may be an object that cannot become a string. */
function keyText(key: unknown): string {
  return typeof key === 'object' ? show(key) : String(key);
}

type Refuse = (place: string, why: string) => unknown;

/** Has no fields but a name's. */
function isBare(value: object): boolean {
  return Object.keys(value).every((key) => key === 'name' || key === 'system');
}
