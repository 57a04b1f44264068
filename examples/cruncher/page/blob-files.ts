// Files of a page: what was given to it stays where it is, and is read from there by its address.

import type { OpenFile } from '../src/file-system.ts';

/** Pages tell their crunchers here that nobody wants a file any more. */
const CUT = 'cruncher-cut';

const cut = new Set<string>();
new BroadcastChannel(CUT).onmessage = ({ data }) => void cut.add(String(data));
const telling = new BroadcastChannel(CUT);

/** Whoever reads it, here or in a worker, finds that it ends. */
export function cutFile(path: string): void {
  cut.add(path);
  telling.postMessage(path);
}

export async function openBlob(path: string): Promise<OpenFile> {
  const response = await fetch(path);
  const size = Number(response.headers.get('content-length') ?? 0);
  const reader = response.body?.getReader();
  if (reader === undefined) throw Object.assign(new Error('Empty'), { code: 'EIO' });
  let rest = new Uint8Array(0);
  return {
    size,
    edition: undefined,
    change: () => (cut.has(path) ? 'shrank' : 'none'),
    async read(into) {
      if (cut.has(path)) return { length: 0, ended: true };
      while (rest.length === 0) {
        const { value, done } = await reader.read();
        if (done) return { length: 0, ended: true };
        rest = value;
      }
      const length = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, length));
      rest = rest.subarray(length);
      return { length, ended: false };
    },
    close: () => void reader.cancel(),
  };
}
