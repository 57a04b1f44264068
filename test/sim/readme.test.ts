import { readFileSync } from 'node:fs';
import { check } from '@beamish/sim';
import type { Actor, Message, Pid, Self } from 'beamish';
import { expect, test } from 'vitest';

const README = readFileSync(new URL('../../packages/sim/README.md', import.meta.url), 'utf8');

interface Take extends Message {
  readonly tag: 'take';
  readonly by: Pid<Taken>;
}
interface Taken extends Message {
  readonly tag: 'taken';
}
interface Drop extends Message {
  readonly tag: 'drop';
}

function* fork(self: Self<Take | Drop>): Actor {
  for (;;) {
    self.send((yield* self.receive('take')).by, { tag: 'taken' });
    yield* self.receive('drop');
  }
}

function* dine(self: Self<Taken>, left: Pid<Take | Drop>, right: Pid<Take | Drop>): Actor {
  for (const each of [left, right]) {
    self.send(each, { tag: 'take', by: self.pid });
    yield* self.receive('taken');
  }
  for (const each of [left, right]) self.send(each, { tag: 'drop' });
}

/** Without how it is laid out. */
function tokens(code: string): string {
  return code.replace(/\s+/g, '');
}

test('the first program of the README is this one, and throws what stands there', async () => {
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  for (const name of ['fork', 'dine']) {
    const written = new RegExp(`function\\* ${name}[^]*?\\n}\\n`).exec(source)?.[0] ?? name;
    expect(tokens(README)).toContain(tokens(written));
  }
  const shown = /SimulationFailed: ([\s\S]*?)```/.exec(README)?.[1]?.trim() ?? '';
  expect(shown).toContain('these wait');
  await expect(
    check(function* everybodyEats(self, { clients }) {
      const [a, b, c] = [self.spawn(fork), self.spawn(fork), self.spawn(fork)];
      yield* clients({ ada: [dine, a, b], bea: [dine, b, c], cem: [dine, c, a] });
    }),
  ).rejects.toThrow(shown);
});

test('with the forks of the last one exchanged, all schedules pass', async () => {
  const found = await check(function* everybodyEats(self, { clients }) {
    const [a, b, c] = [self.spawn(fork), self.spawn(fork), self.spawn(fork)];
    yield* clients({ ada: [dine, a, b], bea: [dine, b, c], cem: [dine, a, c] });
  });
  expect(README).toContain(found.toString());
});
