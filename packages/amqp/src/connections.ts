/** @beamish/amqp/connections: the link to RabbitMQ by itself, for packages that speak another language over it. Its parts may change with any version. */

export { close } from './connection.ts';
export { fromFields, toFields } from './field-table.ts';
export type { Line } from './line.ts';
export type { Up } from './line-server.ts';
export type { Link, LinkOptions, OwnLetter } from './link.ts';
export { type LinkChildrenOptions, linkChildren } from './link-children.ts';
export type { HasLink, LinkServer } from './link-server.ts';
export type { Letter, Outcome } from './outbox.ts';
export { Place } from './place.ts';
export { codeOf, isLoss } from './refusal.ts';
