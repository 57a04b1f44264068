/** What a thread loads to run a task. A module of its own in what is published, too, so that a thread finds it. */

export { keeper } from './run/keeper.ts';
