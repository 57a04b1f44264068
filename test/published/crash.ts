/** An actor that the runtime refuses something, so that frames of both are on the stack of its report. */

import { type Actor, ActorSystem, type Self } from 'beamish';

function* crasher(self: Self): Actor {
  self.spawn(undefined as never);
}

const system = new ActorSystem();
await system.exited(system.spawn(crasher));
await system.shutdown();
