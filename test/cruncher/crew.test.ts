import { expect, test } from 'vitest';
import { Crew, type Work } from '../../examples/cruncher/src/crew.ts';

test('work goes to the worker who has been free the longest', () => {
  const crew = new Crew<string>();
  crew.ready('ann');
  crew.ready('ben');
  expect(crew.assign(work(0))).toBe('ann');
  crew.ready('ann');
  expect(crew.assign(work(1))).toBe('ben');
  expect(crew.assign(work(2))).toBe('ann');
});

test('nobody gets work while all are at some', () => {
  const crew = new Crew<string>();
  expect(crew.assign(work(0))).toBeUndefined();
  crew.ready('ann');
  crew.assign(work(0));
  expect(crew.assign(work(1))).toBeUndefined();
  crew.ready('ann');
  expect(crew.assign(work(1))).toBe('ann');
});

test('a worker is new until it has done its first work', () => {
  const crew = new Crew<string>();
  expect(crew.ready('ann')).toBe('new');
  crew.assign(work(0));
  expect(crew.ready('ann')).toBe('known');
});

test('the crew is done when all that was given out is done', () => {
  const crew = new Crew<string>();
  expect(crew.isDone).toBe(true);
  crew.ready('ann');
  expect(crew.isDone).toBe(true);
  crew.assign(work(0));
  expect(crew.isDone).toBe(false);
  crew.ready('ann');
  expect(crew.isDone).toBe(true);
});

test('the oldest is the lowest number under way, whoever has it', () => {
  const crew = new Crew<string>();
  expect(crew.oldest).toBe(Number.POSITIVE_INFINITY);
  for (const worker of ['ann', 'ben', 'cem']) crew.ready(worker);
  for (const seq of [7, 4, 9]) crew.assign(work(seq));
  expect(crew.oldest).toBe(4);
  crew.ready('ben');
  expect(crew.oldest).toBe(7);
});

test('a worker that ends gives back what it was at, once', () => {
  const crew = new Crew<string>();
  crew.ready('ann');
  const chunk = work(3);
  crew.assign(chunk);
  expect(crew.lost('ann')).toBe(chunk);
  expect(crew.isDone).toBe(true);
  expect(crew.lost('ann')).toBeUndefined();
});

test('a worker that ends while it is free gets no work any more', () => {
  const crew = new Crew<string>();
  crew.ready('ann');
  crew.ready('ben');
  expect(crew.lost('ann')).toBeUndefined();
  expect(crew.assign(work(0))).toBe('ben');
  expect(crew.assign(work(1))).toBeUndefined();
});

test('a worker that ends when its work was done gives back nothing', () => {
  const crew = new Crew<string>();
  crew.ready('ann');
  crew.assign(work(0));
  crew.ready('ann');
  expect(crew.lost('ann')).toBeUndefined();
});

function work(seq: number): Work {
  const chunk = { bytes: new Uint8Array(0), from: 'nothing' } as const;
  return { message: { tag: 'crunch', seq, chunk }, deaths: 0 };
}
