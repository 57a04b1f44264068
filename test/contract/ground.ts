/** Two systems on a transport, and the verbs by which the tests of its contract act there. */

import type {
  Actor,
  ActorSystem,
  Call,
  Configured,
  Message,
  Pending,
  Pid,
  Portable,
  Self,
} from 'beamish';
import { type Deed, echo, type Got, type Order } from './bodies.ts';

/** Two systems on a transport. */
export interface Ground {
  readonly here: ActorSystem;
  /** The name of the other system. */
  readonly there: string;
  at<M extends Message, A extends unknown[], R>(body: Portable<M, A, R>): Configured<M, A, R>;
  /** What `asked` comes to, time and turns being given. */
  over<T>(asked: PromiseLike<T>): Promise<T>;
  /** The other system is lost. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** The actor here that has a test's body. */
export type Main = Self<Got | Message>;

/** The same verbs, for messages of whatever type. */
interface Asking {
  call(to: unknown, what: object): Call<unknown>;
  request(to: unknown, what: object): Pending<unknown>;
}

export function asking(self: Main): Asking {
  return self as unknown as Asking;
}

/** What the body of a test does on its ground. */
export type Verbs = ReturnType<typeof verbsOn>;

export function verbsOn(ground: Ground) {
  /** What a body here returns, time and turns being given. */
  const run = <R>(body: (self: Main) => Actor<R>): Promise<R> =>
    ground.over(ground.here.run(body as never) as Promise<R>);

  /** Only begins it: the test gives time and turns. */
  const begun = <R>(body: (self: Main) => Actor<R>): Promise<R> =>
    ground.here.run(body as never) as Promise<R>;

  function* tell(self: Main, to: Pid<Order>, deed: Deed): Actor<unknown> {
    return yield* asking(self).call(to, { tag: 'order', deed } as never);
  }
  /** Everything that was under way between the two systems has arrived. */
  function* barrier(self: Main): Actor {
    for (let i = 0; i < 2; i++) {
      const pid = self.spawn(ground.at(echo));
      yield* asking(self).call(pid, { tag: 'say', value: i });
      self.exitSignal(pid, 'kill');
    }
  }
  function* mail(self: Main): Actor<Message[]> {
    const got: Message[] = [];
    for (;;) {
      const message = (yield* self.receive().after(0)) as Message | undefined;
      if (message === undefined) return got;
      got.push(message);
    }
  }

  function waitsFor(self: Main, pid: Pid): string {
    return self.info(pid)?.waitingFor.join() ?? '';
  }
  function* untilItWaitsFor(self: Main, pid: Pid, what: string): Actor {
    while (!waitsFor(self, pid).includes(what)) yield* self.sleep(1);
  }

  return { run, begun, tell, barrier, mail, untilItWaitsFor };
}
