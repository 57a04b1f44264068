/** Which file of tests has noticed a mutation last: kept in git, as the order in which tests are tried. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Mutation } from './mutation.ts';

const KEPT = new URL('noticed.json', import.meta.url);

export class Noticed {
  readonly #files = JSON.parse(readFileSync(KEPT, 'utf8')) as { [name: string]: string };

  get names(): readonly string[] {
    return Object.keys(this.#files);
  }

  by({ name }: Pick<Mutation, 'name'>): string | undefined {
    return this.#files[name];
  }

  set({ name }: Pick<Mutation, 'name'>, file: string): void {
    if (this.#files[name] === file) return;
    this.#files[name] = file;
    writeFileSync(KEPT, `${JSON.stringify(this.#files, undefined, 2)}\n`);
  }
}
