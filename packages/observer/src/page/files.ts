/** The three files of the page, read once, when it begins to be served. */

import { readFile } from 'node:fs/promises';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const TYPES: { readonly [path: string]: string } = {
  '/': 'text/html; charset=utf-8',
  '/app.js': 'text/javascript; charset=utf-8',
  '/app.css': 'text/css; charset=utf-8',
};
const NAMES: { readonly [path: string]: string } = {
  '/': 'index.html',
  '/app.js': 'app.js',
  '/app.css': 'app.css',
};

const HERE = import.meta.url;

/** @throws Error if they are not there. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const read = HERE.endsWith('.ts') ? await built() : await beside();
  return new Map(
    Object.entries(NAMES).map(([path, name]) => {
      const body = read.get(name);
      if (body === undefined) throw new Error(`Cannot serve the page: its file ${name} is missing`);
      return [path, { type: TYPES[path] as string, body }];
    }),
  );
}

/** Of a package that was published. */
async function beside(): Promise<ReadonlyMap<string, Buffer>> {
  const names = Object.values(NAMES);
  const bodies = await Promise.all(names.map((name) => readFile(new URL(`./page/${name}`, HERE))));
  return new Map(names.map((name, i) => [name, bodies[i] as Buffer]));
}

/** From its sources, where this is one. */
let building: Promise<ReadonlyMap<string, Buffer>> | undefined;

function built(): Promise<ReadonlyMap<string, Buffer>> {
  building ??= build();
  return building;
}

async function build(): Promise<ReadonlyMap<string, Buffer>> {
  const module = new URL('../../page/build.mjs', HERE).href;
  const { buildPage } = (await import(module)) as {
    buildPage(): Promise<ReadonlyMap<string, Buffer>>;
  };
  return await buildPage();
}
