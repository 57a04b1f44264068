/** What the contract uses of Node, in a page: there, values are printed by their own method. */

export function inspect(value: unknown): string {
  const print = (value as Record<symbol, unknown>)[Symbol.for('nodejs.util.inspect.custom')];
  return typeof print === 'function' ? String(print.call(value)) : String(value);
}
