import { expect, test } from 'vitest';
import { Crew, type Work } from '../../examples/cruncher/src/crew.ts';

test('work goes to the worker who has been free the longest', () => {
  const crew = new Crew<string>();
  crew.ready('ann', 'here');
  crew.ready('ben', 'here');
  expect(crew.assign(work(0), 'here')).toBe('ann');
  crew.ready('ann', 'here');
  expect(crew.assign(work(1), 'here')).toBe('ben');
  expect(crew.assign(work(2), 'here')).toBe('ann');
});

test('work that may go anywhere goes to another thread first, and the rest stays here', () => {
  const crew = new Crew<string>();
  crew.ready('ann', 'here');
  crew.ready('ben', 'elsewhere');
  expect(crew.assign(work(0), 'anywhere')).toBe('ben');
  expect(crew.assign(work(1), 'anywhere')).toBe('ann');
  crew.ready('ben', 'elsewhere');
  expect(crew.assign(work(2), 'here')).toBeUndefined();
});

test('nobody gets work while all are at some', () => {
  const crew = new Crew<string>();
  expect(crew.assign(work(0), 'here')).toBeUndefined();
  crew.ready('ann', 'here');
  crew.assign(work(0), 'here');
  expect(crew.assign(work(1), 'here')).toBeUndefined();
  crew.ready('ann', 'here');
  expect(crew.assign(work(1), 'here')).toBe('ann');
});

test('a worker that is ready again says which work is done, and a new one none', () => {
  const crew = new Crew<string>();
  expect(crew.ready('ann', 'here')).toBeUndefined();
  const first = work(0);
  crew.assign(first, 'here');
  expect(crew.ready('ann', 'here')).toBe(first);
});

test('work is begun when its worker says so, and not when the next one has it', () => {
  const crew = new Crew<string>();
  const first = work(0);
  crew.ready('ann', 'here');
  crew.assign(first, 'here');
  expect(first.isBegun).toBe(false);
  crew.begun('ann');
  expect(crew.lost('ann')?.isBegun).toBe(true);
  crew.begun('ann'); // who has none begins nothing
  crew.ready('ben', 'here');
  crew.assign(first, 'here');
  expect(crew.lost('ben')?.isBegun).toBe(false);
});

test('the crew is done when all that was given out is done', () => {
  const crew = new Crew<string>();
  expect(crew.isDone).toBe(true);
  crew.ready('ann', 'here');
  expect(crew.isDone).toBe(true);
  crew.assign(work(0), 'here');
  expect(crew.isDone).toBe(false);
  crew.ready('ann', 'here');
  expect(crew.isDone).toBe(true);
});

test('the oldest is the lowest number under way, whoever has it', () => {
  const crew = new Crew<string>();
  expect(crew.oldest).toBe(Number.POSITIVE_INFINITY);
  for (const worker of ['ann', 'ben', 'cem']) crew.ready(worker, 'here');
  for (const seq of [7, 4, 9]) crew.assign(work(seq), 'here');
  expect(crew.oldest).toBe(4);
  crew.ready('ben', 'here');
  expect(crew.oldest).toBe(7);
});

test('a worker that ends gives back what it was at, once', () => {
  const crew = new Crew<string>();
  crew.ready('ann', 'here');
  const chunk = work(3);
  crew.assign(chunk, 'here');
  expect(crew.lost('ann')).toBe(chunk);
  expect(crew.isDone).toBe(true);
  expect(crew.lost('ann')).toBeUndefined();
});

test('a worker that ends while it is free gets no work any more', () => {
  const crew = new Crew<string>();
  crew.ready('ann', 'here');
  crew.ready('ben', 'here');
  expect(crew.lost('ann')).toBeUndefined();
  expect(crew.assign(work(0), 'here')).toBe('ben');
  expect(crew.assign(work(1), 'here')).toBeUndefined();
});

test('a worker that ends when its work was done gives back nothing', () => {
  const crew = new Crew<string>();
  crew.ready('ann', 'here');
  crew.assign(work(0), 'here');
  crew.ready('ann', 'here');
  expect(crew.lost('ann')).toBeUndefined();
});

function work(seq: number): Work {
  const chunk = { bytes: new Uint8Array(0), from: 'nothing' } as const;
  return { seq, chunk, part: undefined, spare: undefined, isBegun: false, deaths: 0 };
}
