/** Opens the boxes of a value that has come from another system: see `boxes.ts`. */

import type { IdentityMap } from '../state/identity-map.ts';
import { name, type Pid, type ReplyTo } from '../terms/pid.ts';
import { setOwn } from '../terms/plain-data.ts';
import { isDeep, isLater } from './boxes.ts';
import { openError } from './error-box.ts';

/** What the addresses in a value stand for here. */
export interface Here {
  readonly identities: IdentityMap;
  pid(system: string, incarnation: number, serial: number): Pid;
  alias(system: string, incarnation: number, alias: number): ReplyTo;
}

/** Opens the boxes in a value, which is a fresh copy and is changed in place. */
export function unpack(value: unknown, here: Here): unknown {
  return new Unpacking(here).unpack(value);
}

class Unpacking {
  readonly #here: Here;
  readonly #opened = new Map<object, unknown>();
  /** Where pieces belong. */
  readonly #places: {
    readonly owner: Record<string | number, unknown>;
    readonly key: string | number;
    readonly piece: number;
  }[] = [];

  constructor(here: Here) {
    this.#here = here;
  }

  unpack(value: unknown): unknown {
    if (!isDeep(value)) return this.#open(value);
    const root = this.#open(value.root);
    // More are found on the way.
    for (const { owner, key, piece } of this.#places)
      setOwn(owner, key, this.#open(value.pieces[piece]));
    return root;
  }

  #open(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const opened = this.#opened;
    if (opened.has(value)) return opened.get(value);
    opened.set(value, value);
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) this.#openItem(value as never, i);
      return value;
    }
    if (value instanceof Map) {
      const entries = [...value];
      value.clear();
      for (const [key, item] of entries) value.set(this.#open(key), this.#open(item));
      return value;
    }
    if (value instanceof Set) {
      const items = [...value];
      value.clear();
      for (const item of items) value.add(this.#open(item));
      return value;
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const fields = value as Record<string, unknown>;
    if (Object.hasOwn(fields, '$')) return this.#unbox(fields);
    for (const key of Object.keys(fields)) this.#openItem(fields, key);
    return fields;
  }

  #openItem(owner: Record<string | number, unknown>, key: string | number): void {
    const item = owner[key];
    if (typeof item !== 'object' || item === null) return;
    if (isLater(item)) this.#places.push({ owner, key, piece: item.piece });
    else setOwn(owner, key, this.#open(item));
  }

  #unbox(box: Record<string, unknown>): unknown {
    const { system, incarnation, number } = box as {
      system: string;
      incarnation: number;
      number: number;
    };
    const here = this.#here;
    const keep = <T>(made: T): T => {
      this.#opened.set(box, made);
      return made;
    };
    switch (box['$']) {
      case 'pid':
        return keep(here.pid(system, incarnation, number));
      case 'alias':
        return keep(here.alias(system, incarnation, number));
      case 'ref':
        return keep(here.identities.ref(system, incarnation, number));
      case 'name':
        return keep(name(box['name'] as string, box['system'] as string | undefined));
      case 'error':
        return openError(box, keep, (field) => this.#open(box[field]));
      default: {
        const fields = keep(box['fields'] as Record<string, unknown>);
        for (const key of Object.keys(fields)) this.#openItem(fields, key);
        return fields;
      }
    }
  }
}
