/** @beamish/amqp: RabbitMQ as the engine of @beamish/exchange. */

export { type AmqpOptions, amqp, amqpWith } from './engine.ts';
