/** A program with a supervision tree in several threads, which a signal ends in order: it says what ends when. */

import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { threads } from '@beamish/threads';
import {
  type Actor,
  ActorSystem,
  child,
  portable,
  type Self,
  type ServerSelf,
  server,
  supervisor,
} from 'beamish';

/** At once, so that the order of the lines is that of the events, whichever thread writes. */
function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

export const worker = portable(
  import.meta,
  'worker',
  server((self: ServerSelf, name: string) => {
    self.trapExit(true);
    if (!isMainThread) process.once('exit', () => tell(`${self.pid.system} exits`));
    return { terminate: (reason: unknown) => tell(`${name} terminates: ${String(reason)}`) };
  }),
);

/** Never lets its thread do anything else. */
export const loop = portable(import.meta, 'loop', function* loop(self: Self): Actor {
  yield* self.sleep(1);
  tell('loops');
  while (performance.now() > 0);
});

if (isMainThread && import.meta.url === new URL(process.argv[1] ?? '', 'file:').href) await main();

async function main(): Promise<void> {
  const system = new ActorSystem({ log: 'off' });
  const isLooping = process.argv[2] === 'loop';
  // A busy machine must not be taken for a loop before the signal comes.
  const cores = await threads(system, { size: 2, stallMs: 'never', systems: { log: 'off' } });
  const inner = supervisor({ children: [child('d', cores.at(worker, { thread: 1 }), 'd')] });
  await system.start(
    supervisor({
      children: [
        child('a', worker, 'a'),
        child('b', cores.at(worker, { thread: 0 }), 'b'),
        child('inner', inner),
        child('c', cores.at(worker, { thread: 0 }), 'c'),
        ...(isLooping ? [child('loop', cores.at(loop, { thread: 0 }))] : []),
      ],
    }),
  );
  process.on('SIGINT', async () => {
    await system.shutdown();
    tell('shut down');
    process.exitCode = 3;
  });
  // A signal does not keep the program alive; this does, as a server's socket would.
  const alive = setInterval(() => {}, 1000);
  process.once('SIGINT', () => clearInterval(alive));
  tell('ready');
}
