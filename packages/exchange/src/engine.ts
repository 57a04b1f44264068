/** @beamish/exchange/engine: for who writes an engine. Programs do not need it. */

export { exchangeAddress, type Publishing } from './terms/address.ts';
export { MATCH } from './terms/binding.ts';
export { decodeBy, jsonText } from './terms/codec.ts';
export type { PublishFailure, Refusal } from './terms/errors.ts';
export { reportEvent } from './terms/events.ts';
export { DEFAULT_EXCHANGE } from './terms/exchange.ts';
export { checkHeaders, equalHeaders, NO_HEADERS } from './terms/header-table.ts';
export { type Died, withDeath } from './terms/history.ts';
export type {
  Answered,
  BrokerQuestion,
  BrokerReply,
  BrokerRequest,
  ConsumePlan,
  Publish,
  PublishReply,
  Reply,
  Settle,
} from './terms/protocol.ts';
export type { PublishOptions } from './terms/publish-options.ts';
export { quarantinedQueue, quarantineName } from './terms/queue.ts';
export { validate } from './terms/schema.ts';
