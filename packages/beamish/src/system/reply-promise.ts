/** What a request of the outside is waited for with: a promise that can be given another deadline. */

import { checkDeadline, DEFAULT_CALL_TIMEOUT } from '../operations/call.ts';
import type { Request } from '../signals/requests.ts';
import { startAlarm } from '../signals/timers.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Reply } from '../terms/operation.ts';

export function promiseOf(system: SystemState, request: Request): Reply<unknown> {
  const { promise, resolve, reject } = withResolvers<unknown>();
  let stopAlarm = (): void => {};
  const giveUp = (error: unknown): void => {
    stopAlarm();
    request.abandon();
    reject(error);
  };
  const within = (ms: number | 'infinity', signal?: AbortSignal): Reply<unknown> => {
    checkDeadline(ms);
    stopAlarm();
    if (request.state !== 'pending') return reply;
    if (ms !== 'infinity')
      stopAlarm = startAlarm(system, ms, () => giveUp(request.failure('timeout')));
    if (signal?.aborted === true) giveUp(signal.reason);
    else signal?.addEventListener('abort', () => giveUp(signal.reason), { once: true });
    return reply;
  };
  const reply: Reply<unknown> = Object.assign(promise, { within });
  request.settled = () => {
    stopAlarm();
    if (request.state === 'answered') resolve(request.value);
    else reject(request.failure());
  };
  if (request.state === 'pending') within(DEFAULT_CALL_TIMEOUT);
  else request.settled();
  return reply;
}

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((ok, fail) => {
    resolve = ok;
    reject = fail;
  });
  return { promise, resolve, reject };
}
