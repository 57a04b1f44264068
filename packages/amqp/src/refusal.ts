/** What RabbitMQ refuses, told from a connection that is gone. */

import type { Refusal } from '@beamish/exchange/engine';

export interface Refused {
  readonly reason: Refusal;
  readonly text: string;
}

const REASONS: Readonly<Record<number, Refusal>> = {
  403: 'access_refused',
  404: 'not_found',
  405: 'resource_locked',
  406: 'precondition_failed',
};

/** Undefined for what is no refusal. */
export function refusalOf(error: unknown, action: string): Refused | undefined {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string };
  const reason = typeof code === 'number' ? REASONS[code] : undefined;
  if (reason === undefined) return undefined;
  return { reason, text: `${action}: ${saidBy(message)}` };
}

/** The broker's own words, of what the client made of them. */
function saidBy(message: string): string {
  return /with message "(.*)"$/s.exec(message)?.[1] ?? message;
}

/** AMQP's number of an error, if it has one. */
export function codeOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** What the client says when a connection or channel is gone, or on its way to be. */
export function isLoss(error: unknown): boolean {
  const { name = '', message = '' } = (error ?? {}) as { name?: string; message?: string };
  return (
    name === 'IllegalOperationError' ||
    /closed|closing|ended|no connection|ECONN|EPIPE/i.test(message)
  );
}
