/** The actor that is a run: the body with its arguments, and what it came to. */

import { type Actor, Exited, type Self } from 'beamish';
import type { Definition } from '../canvas/definition.ts';
import { isSeveral, listsIn, readArguments } from '../state/arguments.ts';
import { failedErrorOf, type TaskFailure, type TaskOutcome } from '../terms/failure.ts';
import { BecomingWork, type BodyRun, isThenable } from './body-run.ts';

/** Arguments that are not what the task takes. */
export class InvalidArguments extends Error {
  readonly issues: readonly string[];

  constructor(message: string, issues: readonly string[] = []) {
    super(message);
    this.issues = issues;
  }

  override get name(): string {
    return 'InvalidArguments';
  }
}

/** Is spawned: a body of either kind, whatever the task's is. */
export function runBody(
  self: Self,
  definition: Definition,
  run: BodyRun,
  args: string,
): Actor | Promise<void> {
  (self as { task?: unknown }).task = run;
  run.begin(self);
  try {
    const read = readArguments(args);
    if (Array.isArray(read))
      return runOne(call(definition, self, checked(definition, read, false)), run);
    const lists = listsIn(args).map((list) => checked(definition, list, 'list' in read));
    if (isSeveral(read)) return runSeveral(self, definition, run, lists, read.settle);
    return runOne(call(definition, self, lists[0] as readonly unknown[]), run);
  } catch (error) {
    threw(run, error);
    return OVER;
  }
}

type Lists = readonly (readonly unknown[])[];

function call(definition: Definition, self: Self, args: readonly unknown[]): unknown {
  return (definition.body as (...args: unknown[]) => unknown)(self, ...args);
}

function runOne(made: unknown, run: BodyRun): Actor | Promise<void> {
  if (isGenerator(made)) return driven(made, run);
  if (isThenable(made)) return awaited(made, run);
  run.returned(made);
  return OVER;
}

function* driven(made: Actor<unknown>, run: BodyRun): Actor {
  try {
    run.returned(yield* made);
  } catch (error) {
    threw(run, error);
  }
}

async function awaited(made: PromiseLike<unknown>, run: BodyRun): Promise<void> {
  run.isAsync = true;
  try {
    run.returned(await made);
  } catch (error) {
    threw(run, error);
  } finally {
    run.over();
  }
}

/** The body is over, and there is nothing left to do: a generator that is over is so for whoever runs it. */
const OVER = (function* (): Actor {})();
OVER.next();

/** Erlang's exit is how an actor ends, and no failure if it is in order. */
function threw(run: BodyRun, error: unknown): void {
  if (!(error instanceof Exited)) run.threw(error);
  else if (error.reason === 'normal') run.returned(undefined);
  else run.threw(error.reason);
}

// ── several elements in one task ────────────────────────────────────────────────────────────

function runSeveral(
  self: Self,
  definition: Definition,
  run: BodyRun,
  lists: Lists,
  settle: boolean,
): Actor | Promise<void> {
  const results: unknown[] = [];
  const outcome = (error: unknown): TaskOutcome<unknown> => ({
    ok: false,
    reason: failureOf(run, error),
  });
  const keep = (value: unknown): void => {
    if (value instanceof BecomingWork)
      throw new InvalidArguments('A task of several elements cannot become another');
    results.push(settle ? { ok: true, value } : value);
  };
  const begin = (i: number): unknown => {
    run.element = i;
    return call(definition, self, lists[i] as readonly unknown[]);
  };
  const made = lists.length === 0 ? undefined : attempt(() => begin(0));
  return isThenable(made) ? asynchronously(made) : oneByOne(made);

  /** What the first one throws is thrown where the others would. */
  function attempt(first: () => unknown): unknown {
    try {
      return first();
    } catch (error) {
      return new Thrown(error);
    }
  }

  function* oneByOne(firstMade: unknown): Actor {
    try {
      for (const i of lists.keys()) {
        try {
          const next = i === 0 ? firstMade : begin(i);
          if (next instanceof Thrown) throw next.error;
          keep(isGenerator(next) ? yield* next : isThenable(next) ? yield* self.wait(next) : next);
        } catch (error) {
          if (!settle) throw error;
          results.push(outcome(error));
        }
      }
      run.returned(results);
    } catch (error) {
      threw(run, error);
    }
  }

  async function asynchronously(firstMade: PromiseLike<unknown>): Promise<void> {
    run.isAsync = true;
    try {
      for (const i of lists.keys()) {
        try {
          keep(await (i === 0 ? firstMade : begin(i)));
        } catch (error) {
          if (!settle) throw error;
          results.push(outcome(error));
        }
      }
      run.returned(results);
    } catch (error) {
      threw(run, error);
    } finally {
      run.over();
    }
  }
}

class Thrown {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

function failureOf({ id, name, attempt }: BodyRun, error: unknown): TaskFailure {
  return {
    task: id,
    name,
    state: 'failed',
    reason: error instanceof InvalidArguments ? 'invalid' : 'error',
    attempt,
    error: failedErrorOf(error),
  };
}

// ── arguments ───────────────────────────────────────────────────────────────────────────────

/** @throws InvalidArguments */
function checked(
  { name, options, body }: Definition,
  args: readonly unknown[],
  isSpread: boolean,
): readonly unknown[] {
  // A body's own length: all parameters before the first that has a default, self among them.
  const declared = Math.max(0, (body?.length ?? 1) - 1);
  if (isSpread && args.length < declared)
    throw new InvalidArguments(
      `The task ${name} takes ${declared} arguments, and was given a list of ${args.length}`,
    );
  if (options.schema === undefined) return args;
  const result = validated(name, options.schema['~standard'].validate, args);
  if (result.issues !== undefined) {
    const issues = result.issues.map(({ message }) => message);
    throw new InvalidArguments(
      `The arguments of ${name} do not pass: ${issues.join('; ')}`,
      issues,
    );
  }
  return result.value;
}

type Validated =
  | { readonly value: readonly unknown[]; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

function validated(
  name: string,
  validate: (value: unknown) => unknown,
  args: readonly unknown[],
): Validated {
  let result: unknown;
  try {
    result = validate(args);
  } catch (error) {
    throw new InvalidArguments(
      `The arguments of ${name} do not pass: their schema threw ${String(error)}`,
    );
  }
  if (isThenable(result))
    throw new InvalidArguments(
      `The arguments of ${name} do not pass: their schema answers later, and it must at once`,
    );
  return result as Validated;
}

function isGenerator(value: unknown): value is Actor<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const { next, throw: raise } = value as Partial<Actor<unknown>>;
  return typeof next === 'function' && typeof raise === 'function';
}
