/** A forgotten `yield*`, or `await`, is an error with the line where the operation was made. */

import {
  type Actor,
  type Body,
  type Message,
  type Pid,
  type Self,
  type ServerSelf,
  server,
} from 'beamish';
import { testSystem } from 'beamish/testing';
import { expect, test } from 'vitest';
import { idler } from '../../support/recorder.ts';

const system = testSystem();
const other = system.spawn(idler) as Pid<never> as Pid<Message>;
interface Nudge {
  readonly tag: 'x';
}
const X: Nudge = { tag: 'x' };

async function reasonOf(body: Body<never, [], unknown>, message?: Message): Promise<Error> {
  const pid = system.spawn(body as unknown as typeof idler);
  if (message !== undefined) system.send(pid as Pid<never> as Pid<Message>, message);
  await system.settle();
  system.crashes();
  return system.reasonOf(pid) as Error;
}

test.each<[string, (self: Self) => unknown, string]>([
  ['an offer', (self) => self.offer(other, X), 'self.offer'],
  ['a sleep', (self) => self.sleep(5), 'self.sleep'],
  ['a call', (self) => self.call(other as never, X as never, ...([] as never)), 'self.call'],
  ['a wait', (self) => self.wait(Promise.resolve()), 'self.wait'],
])('%s at the end of a body', async (_, make, verb) => {
  const bodies: Body<never, [], unknown>[] = [
    function* generator(self) {
      make(self);
    },
    async function body(self) {
      make(self);
    },
    function* returning(self) {
      return make(self);
    },
  ];
  for (const body of bodies) {
    const { message, stack } = await reasonOf(body as Body<never, [], unknown>);
    expect(message).toContain(`has made by ${verb} has not begun: write yield* (or await`);
    expect(stack).toContain('forgotten.test.ts');
  }
});

test('a receive, of which nobody keeps the line', async () => {
  const { message } = await reasonOf(function* (self) {
    self.receive();
  });
  expect(message).toMatch(/^The operation that <test\.\d+> has made has not begun: write yield\*/);
});

test('in the middle of a body, where the next operation is made, with the line of the one before', async () => {
  const error = await reasonOf(function* (self) {
    self.sleep(5);
    yield* self.sleep(5);
  });
  expect(error.message).toMatch(
    /^Cannot sleep\. The operation that .* has made by self\.sleep has not/,
  );
  expect((error.cause as Error).stack).toContain('forgotten.test.ts');
});

test('in a handler of a server, which ends with it before it answers, and can still clean up', async () => {
  const log: string[] = [];
  const body = server((self: ServerSelf<Nudge>) => ({
    call: {
      get() {
        self.sleep(1);
        return 1;
      },
    },
    info: { x: () => void self.offer(other, X) },
    *terminate() {
      yield* self.sleep(1);
      log.push('cleaned');
    },
  }));
  const failure = system.call(system.spawn(body), 'get').catch((error: Error) => error);
  const ended = system.spawn(body);
  system.send(ended, { tag: 'x' });
  await system.advance(10);
  system.crashes();
  expect(await failure).toMatchObject({
    reason: { message: expect.stringContaining('self.sleep') },
  });
  expect(system.reasonOf(ended)).toMatchObject({ message: expect.stringContaining('self.offer') });
  expect(log).toEqual(['cleaned', 'cleaned']);
});

test('in an async handler', async () => {
  const late = server((self: ServerSelf<Nudge>) => ({
    info: {
      async x() {
        await Promise.resolve();
        void self.sleep(1);
      },
    },
  }));
  expect((await reasonOf(late as never, X)).message).toContain('self.sleep');
});

test('whoever ends otherwise has the reason that it has', async () => {
  const pid = system.spawn(function* (self: Self): Actor {
    self.sleep(5);
    self.exit('enough');
  });
  await system.settle();
  expect(system.reasonOf(pid)).toBe('enough');
});

test('what is returned by a handler is begun by the server', async () => {
  const one = server(() => ({ call: { one: () => 1 } }));
  const two = server((self) => ({ call: { two: () => self.call(system.spawn(one), 'one') } }));
  expect(await system.result(system.call(system.spawn(two), 'two'))).toBe(1);
});
