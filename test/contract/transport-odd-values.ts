/** The contract of transports: values that nobody expects, which hurt nobody but their sender. */

import { type Actor, CallFailed, type Message, type Operation, type Pid } from 'beamish';
import { expect, test } from 'vitest';
import { doer, echo, type Got, ODD, type Oddity, odd } from './bodies.ts';
import { asking, type Ground, type Verbs } from './ground.ts';

const ODDITIES = Object.keys(ODD) as Oddity[];

export function oddValuesContract(ground: Ground, { run, barrier }: Verbs): void {
  /** What comes of each. */
  const all = <R>(outcome: (what: Oddity) => R): Record<string, R> =>
    Object.fromEntries(ODDITIES.map((what) => [what, outcome(what)]));

  test.each(['exit', 'throw'] as const)(
    'whatever the reason of an end (%s) is: one EXIT, one DOWN, no link is left, the neighbour lives',
    async (how) => {
      const heard = await run(function* (self) {
        self.trapExit(true);
        const neighbour = self.spawn(ground.at(echo));
        self.monitor(neighbour);
        const heard: Record<string, unknown> = {};
        for (const what of ODDITIES) {
          const pid = self.spawn(ground.at(odd));
          self.link(pid);
          self.monitor(pid);
          self.send(pid, { tag: 'end', how, what });
          const tags = [(yield* self.receive('EXIT')).tag, (yield* self.receive('DOWN')).tag];
          yield* barrier(self);
          const links = self.info(self.pid)?.links;
          heard[what] = [...tags, (yield* self.receive().after(0))?.tag, links?.length];
        }
        expect(yield* asking(self).call(neighbour, { tag: 'say', value: 1 })).toBe(1);
        return heard;
      });
      expect(heard).toEqual(all(() => ['EXIT', 'DOWN', undefined, 0]));
    },
  );

  test('an exit signal of whatever reason ends whom it is sent to', async () => {
    const heard = await run(function* (self) {
      const heard: Record<string, unknown> = {};
      for (const what of ODDITIES) {
        const { pid } = self.spawnMonitor(ground.at(echo));
        self.exitSignal(pid, ODD[what]());
        heard[what] = (yield* self.receive('DOWN')).tag;
      }
      return heard;
    });
    expect(heard).toEqual(all(() => 'DOWN'));
  });

  /** Whether a call is over: answered, or failed with an error that says why. */
  function* fate(call: () => Operation<unknown>): Actor<string> {
    try {
      yield* call();
      return 'over';
    } catch (error) {
      const why = error instanceof CallFailed ? error.reason : error;
      return why instanceof Error ? 'over' : String(why);
    }
  }

  test('a call whose question cannot cross fails, and leaves nothing behind', async () => {
    const fates = await run(function* (self) {
      const fates: Record<string, unknown> = {};
      for (const what of ODDITIES) {
        const pid = self.spawn(ground.at(echo));
        const call = () =>
          asking(self).call(pid, { tag: 'say', value: ODD[what]() }).within('infinity');
        fates[what] = [yield* fate(call), self.info(self.pid)?.monitors.length];
      }
      return fates;
    });
    expect(fates).toEqual(all(() => ['over', 0]));
  });

  test('a call whose reply cannot cross fails with a reason that says so', async () => {
    const fates = await run(function* (self) {
      const fates: Record<string, unknown> = {};
      for (const what of ODDITIES) {
        const pid = self.spawn(ground.at(odd));
        fates[what] = yield* fate(() =>
          asking(self).call(pid, { tag: 'give', what }).within('infinity'),
        );
      }
      return fates;
    });
    expect(fates).toEqual(all(() => 'over'));
  });

  test('a message arrives, is refused at its sender, or is a dead letter that says why', async () => {
    const letters: string[] = [];
    ground.here.events.on('dead_letter', ({ why }) => letters.push(why));
    const fates = await run(function* (self) {
      const d = self.spawn(ground.at(doer), self.pid as Pid<Got>) as Pid<Message>;
      const fates: Record<string, unknown> = {};
      for (const what of ODDITIES) {
        letters.length = 0;
        let refused: unknown;
        try {
          self.send(d, { tag: 'odd', value: ODD[what]() } as Message);
        } catch (error) {
          refused = error;
        }
        self.send(d, { tag: 'next' });
        const got: string[] = [];
        while (got.at(-1) !== 'next') got.push(((yield* self.receive('got')) as Got).message.tag);
        // Exactly one of the three.
        fates[what] = [got.length === 2, refused instanceof Error, letters.join() === 'unsendable'];
      }
      return fates;
    });
    const once = (of: unknown): boolean => (of as boolean[]).filter(Boolean).length === 1;
    expect(Object.entries(fates).filter(([, of]) => !once(of))).toEqual([]);
  });

  test('a value of 20,000 levels arrives as it was, shared and circular parts too', async () => {
    const end = { list: [1, { two: 2 }] };
    let deep: object = end;
    for (let i = 0; i < 20_000; i++) deep = i % 2 === 0 ? { deep } : [deep, end];
    const back = await run(function* (self) {
      const pid = self.spawn(ground.at(echo));
      return yield* asking(self).call(pid, { tag: 'say', value: deep });
    });
    let at = back as { readonly deep: object } | [object, object];
    const ends = new Set<object>();
    for (let i = 20_000; i-- > 0; ) {
      if (Array.isArray(at)) ends.add(at[1]);
      at = (Array.isArray(at) ? at[0] : at.deep) as typeof at;
    }
    expect(at).toEqual(end);
    expect([...ends]).toEqual([at]);
  });

  test('an error keeps what was set on it: the code of Node, the errors of an AggregateError', async () => {
    const error = Object.assign(new TypeError('no such file', { cause: 'disk' }), {
      code: 'ENOENT',
      $: 'dollar',
      at: { pid: undefined as Pid | undefined },
    });
    const back = await run(function* (self) {
      error.at.pid = self.pid;
      const pid = self.spawn(ground.at(echo));
      const value = new AggregateError([error, new RangeError('b')], 'both');
      const answer = yield* asking(self).call(pid, { tag: 'say', value });
      expect((answer as { errors: (typeof error)[] }).errors[0]?.at.pid).toBe(self.pid);
      return answer;
    });
    expect(back).toBeInstanceOf(AggregateError);
    const { errors } = back as AggregateError;
    expect(errors[0]).toBeInstanceOf(TypeError);
    expect(errors[0]).toMatchObject({ code: 'ENOENT', $: 'dollar', cause: 'disk' });
    expect(errors[1]).toBeInstanceOf(RangeError);
  });
}
