/**
 * How values cross to another system. A structured clone carries most of them as they are; what it
 * would spoil (addresses, refs, errors) is boxed as `{ $: kind, … }`, at whatever depth, and unboxed on
 * the other side. Whether there is anything of that kind is found out first, without copying, since
 * there seldom is. What cannot cross is refused at the sender, by its place in the message.
 */

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

/** A value in pieces. */
export interface Deep {
  readonly $: 'deep';
  readonly root: unknown;
  readonly pieces: readonly unknown[];
}

/** Stands for a piece. */
export interface Later {
  readonly $: 'later';
  readonly piece: number;
}

export type Box =
  | {
      readonly $: 'pid' | 'alias' | 'ref';
      readonly system: string;
      readonly incarnation: number;
      readonly number: number;
    }
  | { readonly $: 'name'; readonly name: string; readonly system: string | undefined };

export function isDeep(value: unknown): value is Deep {
  return hasMark(value, 'deep');
}

export function isLater(value: unknown): value is Later {
  return hasMark(value, 'later');
}

/** What somebody else has called `$` is in a box. */
function hasMark(value: unknown, mark: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    (value as { $?: unknown }).$ === mark
  );
}
