/**
 * How values cross the association of a system. A structured clone carries most of them as they are; what it
 * would spoil (addresses, refs, errors) is boxed as `{ $: kind, … }`, at whatever depth, and unboxed on
 * the other side. Whether there is anything of that kind is found out first, without copying, since
 * there seldom is. What cannot cross is refused at the sender, by its place in the message.
 */

import type { IdentityMap } from '../state/identity-map.ts';
import {
  isName,
  isPid,
  isReplyTo,
  name,
  type Pid,
  ProcessId,
  ReplyAlias,
  type ReplyTo,
  showAddress,
} from '../terms/pid.ts';
import { Reference } from '../terms/ref.ts';
import { boxError, openError } from './error-box.ts';

/** Levels of a value that are looked at without fear of a cycle. */
const DEEP = 16;

/** True if a structured clone carries it as it is; what is false may be so too, and is looked at again. */
export function isPlain(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'object':
      return value === null || isPlainObject(value, depth);
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}

function isPlainObject(value: object, depth: number): boolean {
  if (depth > DEEP) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) {
    for (const key in value)
      if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
    return true;
  }
  if (prototype === Array.prototype) {
    for (const item of value as unknown[]) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Boxes what needs it. */
export class Packer {
  readonly #identities: IdentityMap;

  constructor(identities: IdentityMap) {
    this.#identities = identities;
  }

  /** @throws TypeError for what cannot cross. */
  message(value: unknown, to: unknown, what = 'message'): unknown {
    return this.#pack(value, new Map(), what, (place, why) => {
      throw new TypeError(
        `Cannot send to ${showAddress(to)}, which is of another system: ${place} is ${why}`,
      );
    });
  }

  /** An exit reason crosses whatever it is: an actor that ends cannot be told that it must not. */
  reason(value: unknown): unknown {
    return this.#pack(value, new Map(), 'reason', (_, why) => `(${why})`);
  }

  #pack(value: unknown, copies: Map<object, unknown>, place: string, refuse: Refuse): unknown {
    if (typeof value === 'function')
      return refuse(place, value.name === '' ? 'a function' : `the function ${value.name}`);
    if (typeof value === 'symbol') return refuse(place, String(value));
    if (typeof value !== 'object' || value === null) return value;
    if (copies.has(value)) return copies.get(value);
    const keep = <T>(made: T): T => {
      copies.set(value, made);
      return made;
    };
    const inner = (item: unknown, where: string): unknown =>
      this.#pack(item, copies, where, refuse);
    if (Array.isArray(value)) {
      const made = keep<unknown[]>([]);
      for (const [i, item] of value.entries()) made.push(inner(item, `${place}[${i}]`));
      return made;
    }
    if (value instanceof Map) {
      const made = keep(new Map<unknown, unknown>());
      for (const [key, item] of value)
        made.set(inner(key, `a key of ${place}`), inner(item, `${place}.get(${String(key)})`));
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
      for (const [key, item] of Object.entries(value)) fields[key] = inner(item, `${place}.${key}`);
      return made;
    }
    if (value instanceof Error)
      return boxError(value, keep, (item, field) => inner(item, `${place}.${field}`));
    const address = this.#address(value);
    if (address !== undefined) return address;
    if (isCloneable(value)) return value;
    const made = value.constructor as { readonly name?: string } | undefined;
    return refuse(place, `an instance of ${made?.name ?? 'a class'}`);
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
    if (value instanceof Reference) {
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

type Refuse = (place: string, why: string) => unknown;

type Box =
  | {
      readonly $: 'pid' | 'alias' | 'ref';
      readonly system: string;
      readonly incarnation: number;
      readonly number: number;
    }
  | { readonly $: 'name'; readonly name: string; readonly system: string | undefined };

/** Has no fields but a name's. */
function isBare(value: object): boolean {
  return Object.keys(value).every((key) => key === 'name' || key === 'system');
}

/** What a structured clone copies faithfully besides plain data. */
function isCloneable(value: object): boolean {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (value instanceof Date || value instanceof RegExp) return true;
  const name = Object.prototype.toString.call(value);
  return ['SharedArrayBuffer', 'Boolean', 'Number', 'String', 'BigInt', 'Blob', 'MessagePort'].some(
    (kind) => name === `[object ${kind}]`,
  );
}

/** What the addresses in a value stand for here. */
export interface Here {
  readonly identities: IdentityMap;
  pid(system: string, incarnation: number, serial: number): Pid;
  alias(system: string, incarnation: number, alias: number): ReplyTo;
}

/** Opens the boxes in a value, which is a fresh copy and is changed in place. */
export function unpack(value: unknown, here: Here): unknown {
  return open(value, here, new Map());
}

function open(value: unknown, here: Here, opened: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (opened.has(value)) return opened.get(value);
  opened.set(value, value);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = open(value[i], here, opened);
    return value;
  }
  if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, item] of entries) value.set(open(key, here, opened), open(item, here, opened));
    return value;
  }
  if (value instanceof Set) {
    const items = [...value];
    value.clear();
    for (const item of items) value.add(open(item, here, opened));
    return value;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const fields = value as Record<string, unknown>;
  if ('$' in fields) return unbox(fields, here, opened);
  for (const key of Object.keys(fields)) fields[key] = open(fields[key], here, opened);
  return fields;
}

function unbox(box: Record<string, unknown>, here: Here, opened: Map<object, unknown>): unknown {
  const { system, incarnation, number } = box as {
    system: string;
    incarnation: number;
    number: number;
  };
  const keep = <T>(made: T): T => {
    opened.set(box, made);
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
      return openError(box, keep, (field) => open(box[field], here, opened));
    default: {
      const fields = keep(box['fields'] as Record<string, unknown>);
      for (const key of Object.keys(fields)) fields[key] = open(fields[key], here, opened);
      return fields;
    }
  }
}
