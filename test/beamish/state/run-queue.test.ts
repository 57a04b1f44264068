import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Queueable, RunQueue } from '../../../packages/beamish/src/state/run-queue.ts';
import { property } from '../../support/property.ts';

class Item implements Queueable<Item> {
  nextReady: Item | undefined = undefined;
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }
}

function queueOf(count: number): RunQueue<Item> {
  const queue = new RunQueue<Item>();
  for (let id = 0; id < count; id++) queue.push(new Item(id));
  return queue;
}

function drain(queue: RunQueue<Item>): number[] {
  const ids: number[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) ids.push(item.id);
  return ids;
}

describe('RunQueue', () => {
  test('gives the items in the order in which they came', () => {
    expect(drain(queueOf(4))).toEqual([0, 1, 2, 3]);
  });

  test('is empty at first, and again after the last', () => {
    const queue = queueOf(1);
    expect(queue.shift()?.id).toBe(0);
    expect([queue.shift(), queue.take(0), queue.length]).toEqual([undefined, undefined, 0]);
    queue.push(new Item(1));
    expect(drain(queue)).toEqual([1]);
  });

  test.each([
    [0, [1, 2]],
    [1, [0, 2]],
    [2, [0, 1]],
  ])('take(%i) takes that one, and leaves the others in order', (index, rest) => {
    const queue = queueOf(3);
    expect(queue.take(index)?.id).toBe(index);
    expect(queue.length).toBe(2);
    queue.push(new Item(9));
    expect(drain(queue)).toEqual([...rest, 9]);
  });

  test('an item that has left keeps nothing of the queue, and can come again', () => {
    const queue = queueOf(3);
    const items = [queue.take(1), queue.shift(), queue.shift()] as Item[];
    expect(items.map((item) => item.nextReady)).toEqual([undefined, undefined, undefined]);
    for (const item of items) queue.push(item);
    expect(drain(queue)).toEqual([1, 0, 2]);
  });

  property(
    'behaves like an array',
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constant('push'), fc.constant('shift'), fc.nat(6)), { maxLength: 60 }),
      async (actions) => {
        const queue = new RunQueue<Item>();
        const model: number[] = [];
        let ids = 0;
        for (const action of actions) {
          if (action === 'push') {
            queue.push(new Item(++ids));
            model.push(ids);
          } else if (action === 'shift') {
            expect(queue.shift()?.id).toBe(model.shift());
          } else if ((action as number) < model.length) {
            const [id] = model.splice(action as number, 1);
            expect(queue.take(action as number)?.id).toBe(id);
          }
          expect(queue.length).toBe(model.length);
        }
        expect(drain(queue)).toEqual(model);
      },
    ),
  );
});
