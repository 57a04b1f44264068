/** What plain data is: what can be copied and frozen without losing anything, wherever it comes from and whatever its fields are called. */

/** An object of fields alone, of any realm: of no class. */
export function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // The prototype of records in another realm.
  return (
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype as object, 'hasOwnProperty')
  );
}

const CLONEABLE = new Set(
  'SharedArrayBuffer Boolean Number String BigInt Blob MessagePort'
    .split(' ')
    .map((kind) => `[object ${kind}]`),
);

/** Of a class of the host's whose instances a structured clone copies faithfully. */
export function isCloneable(value: object): boolean {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (value instanceof Date || value instanceof RegExp) return true;
  return CLONEABLE.has(Object.prototype.toString.call(value));
}

/** An own field, whatever it is called: to assign to `__proto__` would change the prototype. */
export function setOwn(
  owner: Record<string | number, unknown>,
  key: string | number,
  value: unknown,
): void {
  if (key === '__proto__')
    Object.defineProperty(owner, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  else owner[key] = value;
}
