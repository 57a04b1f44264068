/** A supervision tree in which a child crashes, until that is too much: what it prints is the same everywhere. */

import {
  type Actor,
  ActorSystem,
  type CallFailed,
  child,
  configure,
  name,
  type ReplyTo,
  type Self,
  type ServerMessage,
  server,
  supervisor,
} from 'beamish';

type Job = { readonly tag: 'job'; readonly n: number; readonly replyTo: ReplyTo<number> };

/** What the actors do, in their order. */
const told: string[] = [];
/** What comes of it outside. */
const answers: unknown[] = [];
const WORKER = name<Job>('worker');

/** Squares numbers, and crashes at what is none. */
function* worker(self: Self<Job>): Actor {
  told.push('worker starts');
  self.defer(() => told.push('worker ends'));
  for (;;) {
    const { n, replyTo } = yield* self.receive('job');
    if (Number.isNaN(n)) throw new RangeError('not a number');
    self.send(replyTo, n * n);
  }
}

/** Started after the worker, and so stopped and started with it. */
const clerk = server((self, greeting: string) => {
  self.trapExit(true);
  told.push(`${greeting}, says the clerk`);
  return {
    call: { greet: (whom: string) => `${greeting}, ${whom}` },
    terminate: (reason) => told.push(`clerk ends: ${String(reason)}`),
  };
});
const CLERK = name<ServerMessage<{ call: { greet(whom: string): string }; cast: object }>>('clerk');

const system = new ActorSystem({ log: 'off' });
const tree = await system.start(
  supervisor({
    strategy: 'rest_for_one',
    intensity: 1,
    children: [
      child({ id: 'worker', name: WORKER }, worker),
      child('clerk', configure(clerk, { name: CLERK }), 'hello'),
    ],
  }),
);
const ended = system.exited(tree);
const decided = new Promise((resolve) => {
  system.events.on('restart', ({ decision }) => resolve(decision));
});
const ask = (n: number): Promise<unknown> =>
  system.call(WORKER, { tag: 'job', n }).catch((error: CallFailed) => String(error.reason));

answers.push(await ask(7), await ask(Number.NaN), await decided, await ask(8));
answers.push(await system.call(CLERK, 'greet', 'world'), await ask(Number.NaN), await ended);
await system.shutdown();
console.log([...told, ...answers].join('\n'));
