/** Finds the bodies that other threads name: a module is imported once, and what it exports is at hand from then on. */

import type { AnyBody, Code } from 'beamish/transport';

type Module = Readonly<Record<string, unknown>>;

export class Loader {
  readonly #fetch: (url: string) => Promise<Module>;
  readonly #loaded = new Map<string, Module>();

  /** `fetch` imports a module, as it is done here. */
  constructor(fetch: (url: string) => Promise<Module>) {
    this.#fetch = fetch;
  }

  /** @throws TypeError, as a rejection, if there is no such body. */
  readonly load = (code: Code): AnyBody | Promise<AnyBody> => {
    const module = this.#loaded.get(code.module);
    if (module === undefined) return this.#fetchBody(code);
    try {
      return bodyIn(module, code);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  /** What a module exports under a name, if anything. */
  async exportOf({ module, exportName }: Code): Promise<unknown> {
    return (await this.#fetch(module))[exportName];
  }

  async #fetchBody(code: Code): Promise<AnyBody> {
    const module = await this.#fetch(code.module);
    this.#loaded.set(code.module, module);
    return bodyIn(module, code);
  }
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
