import { expect, test } from 'vitest';
import { Buffers } from '../../../examples/cruncher/src/buffers.ts';
import type { ByteSource, Chunk } from '../../../examples/cruncher/src/chunks.ts';
import { PieceReader } from '../../../examples/cruncher/src/thorough/pieces.ts';

const MAIL = 'From: ann@x.org\nSubject: hello\n\n';

test('a plain text is cut at ends of lines, whatever comes how', async () => {
  const text = 'one two\nthree\nfour five six\nseven';
  for (const most of [1, 3, 100]) {
    expect((await piecesOf(text, 16, most)).map(textOf)).toEqual([
      'one two\nthree\n',
      'four five six\n',
      'seven',
    ]);
  }
});

test('a line that is longer than a piece is cut where that ends', async () => {
  expect((await piecesOf('one two three\nfour\n', 8)).map(textOf)).toEqual([
    'one two ',
    'three\n',
    'four\n',
  ]);
});

test('a mail is one piece, and HTML, and UTF-16', async () => {
  for (const [kind, text] of [
    ['message', MAIL + 'text\n'.repeat(50)],
    ['mbox', `From x Fri Jan  1 12:00:00 2021\n${MAIL}${'text\n'.repeat(50)}`],
    ['html', `<!doctype html>\n${'text\n'.repeat(50)}`],
    ['plain', `\xff\xfet\0e\0x\0t\0\n\0${'t\0\n\0'.repeat(50)}`],
  ] as const) {
    const pieces = await piecesOf(text, 64);
    expect(pieces.map(textOf)).toEqual([text]);
    expect(pieces[0]!.kind).toBe(kind);
  }
});

test('what looks like a mail in the middle of a plain text is a piece of that', async () => {
  const pieces = await piecesOf(`${'some text in a line\n'.repeat(3)}${MAIL}`, 64);
  expect(pieces.map(({ kind }) => kind)).toEqual(['plain', 'plain']);
});

test('an empty input has no piece', async () => {
  expect(await piecesOf('', 16)).toEqual([]);
});

test('the buffers of a whole are given back', async () => {
  const buffers = new Buffers(64);
  const reader = new PieceReader(memory(MAIL + 'x'.repeat(200), 100), buffers);
  await reader.next();
  const kept = new Set(Array.from({ length: 4 }, () => buffers.take().buffer));
  expect(kept.size).toBe(4);
  expect(await reader.next()).toBeUndefined();
});

function memory(text: string, most: number): ByteSource {
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  return {
    async read(into) {
      const piece = bytes.subarray(at, at + Math.min(most, into.length));
      into.set(piece);
      at += piece.length;
      return { length: piece.length, ended: piece.length === 0 };
    },
  };
}

async function piecesOf(text: string, size: number, most = 1000): Promise<Chunk[]> {
  const reader = new PieceReader(memory(text, most), new Buffers(size));
  const pieces: Chunk[] = [];
  for (let piece = await reader.next(); piece !== undefined; piece = await reader.next()) {
    pieces.push(piece);
  }
  expect(reader.bytesRead).toBe(text.length);
  return pieces;
}

function textOf({ bytes }: Chunk): string {
  return Buffer.from(bytes).toString('latin1');
}
