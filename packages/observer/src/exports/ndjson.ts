/** What a view returns, as lines of JSON, and back. */

import { copyOfPid } from '../model/model.ts';
import type { Happening } from '../terms/happening.ts';
import { fromPlain, toPlain } from '../terms/plain.ts';
import type { Sequence, Snapshot } from '../terms/view.ts';
import { PROTOCOL, parsePid } from '../terms/wire.ts';

/** Lines of JSON: what it is, then its parts, one a line. */
export function* toNdjson(what: Snapshot | Sequence | readonly Happening[]): Iterable<string> {
  const line = (kind: string, value: unknown) =>
    JSON.stringify({ v: PROTOCOL, kind, value: toPlain(value) });
  if (isList(what)) {
    for (const happening of what) yield line('happening', happening);
    return;
  }
  if ('messages' in what) {
    const { messages, ...rest } = what;
    yield line('sequence', rest);
    for (const message of messages) yield line('message', message);
    return;
  }
  const { actors, ...rest } = what;
  yield line('snapshot', rest);
  for (const actor of actors) yield line('actor', actor);
}

/** What `toNdjson` wrote. Pids are copies, which are printed and compared by their fields. @throws Error for lines that are none. */
export function fromNdjson(lines: Iterable<string>): Snapshot | Sequence | readonly Happening[] {
  const happenings: unknown[] = [];
  const parts: unknown[] = [];
  let head: { readonly kind: string; readonly value: object } | undefined;
  let n = 0;
  for (const text of lines) {
    n++;
    const {
      v,
      kind,
      value: plain,
    } = JSON.parse(text) as { v: number; kind: string; value: unknown };
    if (v !== PROTOCOL)
      throw new Error(`Cannot read line ${n}: it is of version ${v}, and this reads ${PROTOCOL}`);
    const value = fromPlain(plain, (pid) => {
      const { system, incarnation = 0, serial } = parsePid(pid) ?? { system: pid, serial: -1 };
      return copyOfPid(system, incarnation, serial);
    });
    if (kind === 'snapshot' || kind === 'sequence') head = { kind, value: value as object };
    else if (kind === 'happening') happenings.push(value);
    else parts.push(value);
  }
  if (head === undefined) return happenings as Happening[];
  return { ...head.value, [head.kind === 'snapshot' ? 'actors' : 'messages']: parts } as unknown as
    | Snapshot
    | Sequence;
}

function isList(what: object): what is readonly Happening[] {
  return Array.isArray(what);
}
