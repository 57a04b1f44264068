/** What vitest is made of, which is found where vitest is. */

declare module 'expect-of-vitest' {
  type Plugin = (chai: never, utils: never) => void;
  export const JestAsymmetricMatchers: Plugin;
  export const JestChaiExpect: Plugin;
  export const JestExtend: Plugin;
}

declare module 'chai-of-vitest' {
  export function use(plugin: unknown): void;
  export const expect: (value: unknown) => Record<string, (...args: unknown[]) => unknown>;
}
