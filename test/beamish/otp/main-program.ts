/** Programs for the tests of `main`: which one is said by the argument. */

import { type Actor, ActorSystem, child, main, type Self, server, supervisor } from 'beamish';
import { whenShutDown } from 'beamish/transport';

const [which] = process.argv.slice(2);

/** Cleans up in so many ms. */
function* worker(self: Self, id: string, ms: number): Actor {
  self.trapExit(true);
  yield* self.receive('EXIT');
  yield* self.sleep(ms);
  console.log(`${id} is clean`);
  self.exit('shutdown');
}

const family = supervisor({
  children: [child('db', worker, 'db', 10), child('web', worker, 'web', 10)],
});

function* crasher(self: Self): Actor {
  yield* self.sleep(1);
  throw new Error('oops');
}
function* brief(self: Self): Actor {
  yield* self.sleep(1);
}

switch (which) {
  case 'idle':
    await main(family);
    console.log('ready');
    break;
  case 'slow':
    await main(
      supervisor({
        children: [child({ id: 'slow', shutdown: 'infinity' }, worker, 'slow', 60_000)],
      }),
      { graceMs: 50 },
    );
    console.log('ready');
    break;
  case 'patient':
    await main(
      supervisor({
        children: [child({ id: 'slow', shutdown: 'infinity' }, worker, 'slow', 60_000)],
      }),
    );
    console.log('ready');
    break;
  case 'socket':
    await main(family, { graceMs: 100 });
    setInterval(() => {}, 1000);
    console.log('ready');
    break;
  case 'gives up':
    await main(supervisor({ intensity: 0, children: [child('c', crasher)] }), {
      system: new ActorSystem({ log: 'off' }),
    });
    break;
  case 'fails to close': {
    const system = new ActorSystem({ log: 'off' });
    whenShutDown(system, () => Promise.reject(new Error('close failed')));
    await main(family, { system });
    console.log('ready');
    break;
  }
  case 'ends by itself':
    await main(
      supervisor({
        autoShutdown: 'any_significant',
        children: [child({ id: 'c', restart: 'transient', significant: true }, brief)],
      }),
    );
    break;
  case 'await using': {
    await using program = await main(family);
    console.log('ready', program.system.info(program.pid)?.body);
    break;
  }
  case 'does not start':
    await main(
      supervisor({
        children: [
          child(
            'c',
            server(() => {
              throw new Error('never');
            }),
          ),
        ],
      }),
    ).catch((error: Error) => console.log(error.name));
    break;
  case 'without main': {
    const system = new ActorSystem();
    await system.start(family);
    break;
  }
}
