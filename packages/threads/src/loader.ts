/** Finds the bodies that other threads name: a module is imported once, and what it exports is at hand from then on. */

import type { AnyBody, Code } from 'beamish/transport';
import { teachTypeScript } from './typescript.ts';

type Module = Readonly<Record<string, unknown>>;

const loaded = new Map<string, Module>();

export function load(code: Code): AnyBody | Promise<AnyBody> {
  const module = loaded.get(code.module);
  if (module === undefined) return fetchBody(code);
  try {
    return bodyIn(module, code);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function fetchBody(code: Code): Promise<AnyBody> {
  const module = await fetchModule(code.module);
  loaded.set(code.module, module);
  return bodyIn(module, code);
}

async function fetchModule(url: string): Promise<Module> {
  await teachTypeScript(url);
  return (await import(url)) as Module;
}

/**
 * Imports a module in the thread in which this is called, as the pool imports those of bodies: TypeScript
 * too, where Node or tsx can read it. For packages that find their users' code by its address.
 *
 * Rejects with what the module throws when it is loaded, and with an Error if nothing here reads TypeScript.
 */
export function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  return fetchModule(url);
}

/** What a module exports under a name, if anything. */
export async function exportOf({ module, exportName }: Code): Promise<unknown> {
  return (await fetchModule(module))[exportName];
}

/** @throws TypeError if there is no such body. */
function bodyIn(module: Module, { module: url, exportName }: Code): AnyBody {
  const exported = module[exportName];
  const body =
    typeof exported === 'object' && exported !== null && 'body' in exported
      ? exported.body
      : exported;
  if (typeof body === 'function') return body as AnyBody;
  throw new TypeError(
    `Cannot spawn "${exportName}" of ${url}: it exports no body of that name; export what portable(…) makes under the name given to it`,
  );
}
