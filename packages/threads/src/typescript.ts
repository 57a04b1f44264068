/** TypeScript in a thread: Node's own, where it has it, or tsx, which has to be registered in each thread anew. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Sees that `url` can be imported here. @throws Error if it is TypeScript and nothing here reads that. */
export async function teachTypeScript(url: string): Promise<void> {
  if (!/\.[mc]?tsx?$/.test(url) || canRead()) return;
  const { register } = (await import(pathToFileURL(apiNear(url)).href)) as {
    register(): unknown;
  };
  register();
  isTaught = true;
}

/**
 * Imports a module in the thread in which this is called, as the pool imports those of bodies: TypeScript
 * too, where Node or tsx can read it. For packages that find their users' code by its address.
 *
 * Rejects with what the module throws when it is loaded, and with an Error if nothing here reads TypeScript.
 */
export async function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  await teachTypeScript(url);
  return (await import(url)) as Readonly<Record<string, unknown>>;
}

/** tsx answers `require` with another API, which cannot register in a thread. */
interface Manifest {
  readonly exports: { readonly './esm/api': { readonly import: { readonly default: string } } };
}

/** Set once tsx is registered. */
let isTaught = false;

function canRead(): boolean {
  const { typescript } = process.features as { readonly typescript?: unknown };
  // Who is read as TypeScript is read by something that reads it.
  if (import.meta.url.endsWith('.ts')) return true;
  return isTaught || (typescript !== undefined && typescript !== false);
}

/** The API for modules, of the tsx that the module which is to be read would import. */
function apiNear(url: string): string {
  try {
    const require = createRequire(url);
    const { exports } = require('tsx/package.json') as Manifest;
    return join(dirname(require.resolve('tsx/package.json')), exports['./esm/api'].import.default);
  } catch (cause) {
    throw new Error(
      `Cannot load ${url} in a thread: run its built JavaScript, or a Node that strips types, or install tsx`,
      { cause },
    );
  }
}
