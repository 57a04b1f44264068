/** The contract of transports: groups, whose members are in both systems. */

import { type Actor, group, groups, type Message, type Pid, type Self } from 'beamish';
import { expect, test } from 'vitest';
import { doer, type Got, type Order } from './bodies.ts';
import type { Ground, Main, Verbs } from './ground.ts';

const G = group<Message>('g');

export function groupsContract(ground: Ground, { barrier, begun, run, tell }: Verbs): void {
  /** An actor there that has joined, and has said so. */
  function* joined(self: Main): Actor<Pid<Order>> {
    const pid = self.spawn(ground.at(doer), self.pid as Pid<Got>);
    yield* tell(self, pid, { do: 'join', group: G });
    return pid;
  }

  test('a member there is known here once it has said so, until it has left', async () => {
    const seen = await run(function* (self) {
      const pid = yield* joined(self);
      const [known] = groups.members(self, G);
      yield* tell(self, pid, { do: 'leave', group: G });
      return [known === pid, groups.localMembers(self, G), groups.members(self, G)];
    });
    expect(seen).toEqual([true, [], []]);
  });

  test('what is published reaches every member, here and there, once for each time that it has joined', async () => {
    const seen = await run(function* (self) {
      const got: Message[] = [];
      const local = self.spawn(function* (its: Self<Message>): Actor {
        for (;;) got.push(yield* its.receive());
      });
      groups.join(self, G, [local, local]);
      const pid = yield* joined(self);
      groups.publish(self, G, { tag: 'from here' });
      const { message } = (yield* self.receive('got')) as Got;
      yield* barrier(self);
      const count = yield* tell(self, pid, {
        do: 'publish',
        group: G,
        message: { tag: 'from there' },
      });
      yield* barrier(self);
      yield* self.yield();
      return [message.tag, count, got.map(({ tag }) => tag)];
    });
    expect(seen).toEqual(['from here', 3, ['from here', 'from here', 'from there', 'from there']]);
  });

  test('a member there is gone before its DOWN comes', async () => {
    const seen = await run(function* (self) {
      const pid = yield* joined(self);
      self.monitor(pid);
      self.exitSignal(pid, 'kill');
      const { reason } = yield* self.receive('DOWN');
      return [reason, groups.members(self, G)];
    });
    expect(seen).toEqual(['killed', []]);
  });

  test('the members of a system are gone with it, before their DOWN', async () => {
    let ready = (): void => {};
    const joining = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const seen = begun(function* (self) {
      self.monitor(yield* joined(self));
      ready();
      const { reason } = yield* self.receive('DOWN');
      return [reason, groups.members(self, G)];
    });
    await ground.over(joining);
    await ground.cut();
    expect(await ground.over(seen)).toEqual(['noconnection', []]);
  });
}
