/** Values that are hard to look at: each of them can be a reason, or part of a message. */

import { runInNewContext } from 'node:vm';
import { CallFailed, name } from 'beamish';

/** By what is odd about them. Each is made anew, as some remember that they were looked at. */
export const ODD_VALUES: Readonly<Record<string, () => unknown>> = {
  'an object without a prototype': () => Object.assign(Object.create(null), { id: 1n }),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'a proxy whose every trap throws': () => {
    const thrower = () => {
      throw new Error('a trap');
    };
    const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'];
    return new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, thrower])));
  },
  'an object whose getters throw': () => ({
    get id() {
      throw new Error('a getter');
    },
    get shutdown() {
      throw new Error('a getter');
    },
  }),
  'an object that cannot be a string': () => ({
    toString() {
      throw new Error('toString');
    },
    toJSON() {
      throw new Error('toJSON');
    },
    get [Symbol.toStringTag]() {
      throw new Error('toStringTag');
    },
  }),
  'an error whose every field throws': () =>
    Object.defineProperties(
      new Error('hidden'),
      Object.fromEntries(
        ['stack', 'cause', 'message', 'name'].map((field) => [
          field,
          {
            get() {
              throw new Error(`the getter of ${field}`);
            },
          },
        ]),
      ),
    ),
  'an error whose fields are none of words': () =>
    Object.assign(new Error('x'), { name: 1n, message: Symbol('m'), stack: {}, cause: null }),
  'an error of another realm': () => runInNewContext('new TypeError("disk full")'),
  'an object of 20,000 levels': () => nested(20_000, (inner) => ({ inner })),
  'an array of 20,000 levels': () => nested(20_000, (inner) => [inner]),
  'an error with 20,000 causes': () => nested(20_000, (cause) => new Error('x', { cause })),
  'a failed call of 20,000 callers': () =>
    nested(20_000, (reason) => new CallFailed(reason, name('next'), 'ask')),
  'a cycle': () => {
    const cycle: Record<string, unknown> = {};
    cycle['cycle'] = cycle;
    return cycle;
  },
  'a symbol': () => Symbol('odd'),
  'a function without a name': () => () => {},
  'a function whose name throws': () =>
    Object.defineProperty(() => {}, 'name', {
      get() {
        throw new Error('the name');
      },
    }),
  undefined: () => undefined,
  NaN: () => Number.NaN,
};

function nested(levels: number, around: (inner: unknown) => unknown): unknown {
  let value: unknown = 'inmost';
  for (let i = 0; i < levels; i++) value = around(value);
  return value;
}
