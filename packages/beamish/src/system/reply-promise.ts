/** What a request of the outside is waited for with: a promise that can be given another deadline. */

import { checkSignal, onAbort } from '../operations/abort.ts';
import { checkDeadline, DEFAULT_CALL_TIMEOUT } from '../operations/call.ts';
import { type Request, retract } from '../signals/requests.ts';
import { startAlarm } from '../signals/timers.ts';
import type { SystemState } from '../state/system-state-types.ts';
import type { Reply } from '../terms/operation.ts';
import { settleLater } from './settlement.ts';
import type { Waits } from './waits.ts';

export function promiseOf(system: SystemState, request: Request, waits: Waits): Reply<unknown> {
  const { promise, resolve, reject } = withResolvers<unknown>();
  const callee = request.cell;
  let stopAlarm = (): void => {};
  let stopListening = (): void => {};
  const stop = (): void => {
    stopAlarm();
    stopListening();
  };
  const giveUp = (error: unknown): void => {
    stop();
    request.abandon();
    settleLater(system, () => reject(error));
  };
  const within = (ms: number | 'infinity', signal?: AbortSignal): Reply<unknown> => {
    try {
      checkDeadline(ms);
      checkSignal(signal);
    } catch (error) {
      // The caller's mistake, who hears of it here and may go on. Nobody was asked, if it can be helped.
      retract(request);
      promise.catch(() => {});
      giveUp(error);
      throw error;
    }
    stop();
    if (request.state !== 'pending') return reply;
    if (ms === 'infinity')
      stopAlarm = waits.add({ what: () => `Call "${request.what}"`, reject: giveUp });
    else stopAlarm = startAlarm(system, ms, () => giveUp(request.failure('timeout')));
    if (signal?.aborted === true) giveUp(signal.reason);
    else if (signal !== undefined) stopListening = onAbort(signal, () => giveUp(signal.reason));
    return reply;
  };
  const reply: Reply<unknown> = Object.assign(promise, { within });
  request.settled = () => {
    stop();
    if (request.state === 'answered') resolve(request.value);
    else settleLater(system, () => reject(request.failure()), callee);
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
