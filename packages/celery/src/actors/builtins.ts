/** Tasks that every worker of a deployment has: Celery's own. */

import { Definition, encodeArguments, NotStorable } from '@beamish/tasks/engine';
import type { Call } from '../messages/call.ts';
import { signatureOf } from '../messages/signature.ts';
import { argumentsOf } from './job.ts';

/** What is to be run for a call: a body, with its arguments as a store of ours would keep them. */
export interface Runnable {
  readonly definition: Definition;
  readonly args: string;
}

const accumulate = new Definition('celery.accumulate', {}, ((_self: never, ...all: unknown[]) => {
  const last = all.at(-1);
  const index = isIndex(last) ? last.index : undefined;
  const values = isIndex(last) ? all.slice(0, -1) : all;
  return index === undefined || index === null ? values : values[index];
}) as never);

/** Results go by themselves. */
const cleanup = new Definition('celery.backend_cleanup', {}, (() => null) as never);

const BUILTINS = new Map([accumulate, cleanup].map((each) => [each.name, each]));

/** Celery's names for a task that is run once for each element of a list, one after the other. */
const SEVERAL = ['celery.map', 'celery.starmap', 'celery.chunks'];

export function isBuiltin(name: string): boolean {
  return BUILTINS.has(name) || SEVERAL.includes(name);
}

/** Undefined for a task that is not run here. @throws NotStorable for arguments that no task takes. */
export function runnableOf(
  call: Call,
  definitions: ReadonlyMap<string, Definition>,
): Runnable | undefined {
  if (SEVERAL.includes(call.name)) return severalOf(call, definitions);
  const definition = definitions.get(call.name) ?? BUILTINS.get(call.name);
  return definition && { definition, args: argumentsOf(call) };
}

function severalOf(
  { name, kwargs }: Call,
  definitions: ReadonlyMap<string, Definition>,
): Runnable | undefined {
  const inner = signatureOf(kwargs['task']);
  const definition = inner && definitions.get(inner.task);
  if (inner === undefined || definition === undefined) return undefined;
  const { it } = kwargs;
  if (!Array.isArray(it)) throw new NotStorable(`Cannot run ${name}: what it is given is no list`);
  const isSpread = name !== 'celery.map';
  const lists = it.map((each: unknown) =>
    encodeArguments([...(isSpread && Array.isArray(each) ? each : [each]), ...inner.args]),
  );
  return { definition, args: `{"each":[${lists.join(',')}],"settle":false}` };
}

function isIndex(value: unknown): value is { readonly index: number | null } {
  return typeof value === 'object' && value !== null && 'index' in value;
}
