/** The variables of the program's environment, where the host has any and lets one read them. */

const host = globalThis as {
  readonly process?: { readonly env?: { readonly [name: string]: string | undefined } };
};

/** Undefined where it is not set, and where nobody may ask: Deno wants a permission for it. */
export function environment(name: string): string | undefined {
  try {
    return host.process?.env?.[name];
  } catch {
    return undefined;
  }
}
