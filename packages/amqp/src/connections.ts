/** @beamish/amqp/connections: the link to RabbitMQ by itself, for packages that speak another language over it. Its parts may change with any version. */

export { close } from './connection.ts';
export { fromFields, toFields } from './field-table.ts';
export type { Link, LinkOptions, OwnLetter } from './link.ts';
export { type Backoff, type HasLink, type LinkServer, linkServer, type Up } from './link-server.ts';
export type { Letter, Outcome } from './outbox.ts';
export { type Place, placeOf } from './place.ts';
export { codeOf, isLoss } from './refusal.ts';
