/** What is there at once, or a promise: one way to write what works with both. */

/** At once where nothing has to be waited for, as on a `memoryDisk`; a promise where something has. */
export type Answer<T> = T | Promise<T>;

/** Work that waits for answers. Where none of them is a promise, it is done when `run` returns. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

export function* wait<T>(answer: Answer<T>): Steps<T> {
  return answer instanceof Promise ? ((yield answer) as T) : answer;
}

export function run<T>(steps: Steps<T>): Answer<T> {
  const first = steps.next();
  return first.done ? first.value : finish(steps, first.value);
}

async function finish<T>(steps: Steps<T>, first: Promise<unknown>): Promise<T> {
  let awaited = first;
  for (;;) {
    const next = await awaited.then(
      (value) => steps.next(value),
      (error) => steps.throw(error),
    );
    if (next.done) return next.value;
    awaited = next.value;
  }
}
