/** What a message has to be, in whatever library says so: Standard Schema, of which only its types are needed. */

import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A schema of Standard Schema, version 1, whose output is `Output`. It must answer at once: a promise passes nothing. */
export type StandardSchema<Output> = StandardSchemaV1<unknown, Output>;

export type Validated<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** Never throws: a schema that does, or that answers later, is one that the value does not pass. */
export function validate<T>(schema: StandardSchema<T>, value: unknown): Validated<T> {
  try {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) {
      // Nobody waits for it, and how it fails is not news.
      result.catch(() => undefined);
      return { ok: false, why: 'its schema answers with a promise, and must answer at once' };
    }
    if (result.issues === undefined) return { ok: true, value: result.value };
    return { ok: false, why: result.issues.map((issue) => issue.message).join('; ') };
  } catch (thrown) {
    // User code: what it throws is its answer.
    return { ok: false, why: `its schema threw ${String(thrown)}` };
  }
}
