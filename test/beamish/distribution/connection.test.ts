import type { Actor, Message, Pid, ReplyTo, Self } from 'beamish';
import { testSystem } from 'beamish/testing';
import { type Batch, type Connection, connect, identityOf } from 'beamish/transport';
import { expect, test } from 'vitest';

interface Ask extends Message {
  readonly tag: 'ask';
  readonly replyTo: ReplyTo<number>;
}

function* answering(self: Self<Ask>): Actor {
  for (;;) self.send((yield* self.receive('ask')).replyTo, 1);
}

test('what comes is acted upon as it comes, unless the event loop has had no turn for a millisecond', async () => {
  const asker = testSystem({ name: 'asker' });
  const answerer = testSystem({ name: 'answerer' });
  const forth: Batch[] = [];
  const back: Batch[] = [];
  const load = (): never => {
    throw new Error('Nothing is spawned across');
  };
  const post = (to: Batch[]) => ({ post: (batch: Batch) => to.push(batch) });
  const here: Connection = connect(asker, identityOf(answerer), post(forth), { load });
  const there: Connection = connect(answerer, identityOf(asker), post(back), { load });
  const { system, incarnation, serial } = answerer.spawn(answering);
  await answerer.settle();

  const answersAtOnce = async (): Promise<boolean> => {
    const answer = asker.call({ system, incarnation, serial } as Pid<Ask>, { tag: 'ask' });
    await asker.settle();
    there.receive(forth.pop() as Batch);
    const atOnce = back.length > 0;
    await answerer.settle();
    here.receive(back.pop() as Batch);
    await asker.settle();
    expect(await answer).toBe(1);
    return atOnce;
  };
  expect(await answersAtOnce()).toBe(false);
  expect(await answersAtOnce()).toBe(true);
  expect(await answersAtOnce()).toBe(true);
  await answerer.advance(2);
  expect(await answersAtOnce()).toBe(false);
  expect(await answersAtOnce()).toBe(true);
});
