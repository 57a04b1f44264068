import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Buffers } from '../../examples/cruncher/src/buffers.ts';
import { type ByteSource, type Chunk, ChunkReader } from '../../examples/cruncher/src/chunks.ts';
import { addressesIn } from './records.ts';

describe('ChunkReader', () => {
  test('gives every byte once, in order', async () => {
    const text = 'one two\nthree\n';
    const chunks = await chunksOf(text, 5);
    expect(chunks.map(textOf).join('')).toBe(text);
    expect(chunks.length).toBeGreaterThan(1);
  });

  test('cuts after the last byte that no address contains', async () => {
    const chunks = await chunksOf('to a@b.cd, to e@f.gh', 12);
    expect(chunks.map(textOf)).toEqual(['to a@b.cd, ', 'to e@f.gh']);
  });

  test('gives no chunk for an empty source', async () => {
    expect(await chunksOf('', 10)).toEqual([]);
  });

  test('goes on giving undefined after the end, and does not read again', async () => {
    let reads = 0;
    const source = {
      async read() {
        reads += 1;
        return { length: 0, ended: true };
      },
    };
    const reader = new ChunkReader(source, new Buffers(9));
    expect(await reader.next()).toBeUndefined();
    expect(await reader.next()).toBeUndefined();
    expect(reads).toBe(1);
  });

  test('reads into a buffer that was given back, and into a new one while none was', async () => {
    const buffers = new Buffers(6);
    const reader = new ChunkReader(memory('aaa bbb ccc ddd'), buffers);
    const first = (await reader.next())!;
    const second = (await reader.next())!;
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
    const { buffer } = first.bytes;
    buffers.giveBack(first.bytes);
    const third = (await reader.next())!;
    expect(third.bytes.buffer).toBe(buffer);
    expect([second, third].map(textOf)).toEqual(['bbb ', 'ccc ']);
  });

  test('makes no new buffer at the end of an empty source', async () => {
    const buffers = new Buffers(6);
    const kept = buffers.take();
    buffers.giveBack(kept);
    await new ChunkReader(memory(''), buffers).next();
    expect(buffers.take().buffer).toBe(kept.buffer);
  });

  test('a buffer that was moved away is not used again', async () => {
    const buffers = new Buffers(6);
    const bytes = buffers.take();
    structuredClone(bytes, { transfer: [bytes.buffer] });
    buffers.giveBack(bytes);
    expect(buffers.take().length).toBe(6);
  });

  test('gives chunks that can be moved to a thread without a copy', async () => {
    const [first, second] = await chunksOf('aaa bbb ccc ddd', 8);
    structuredClone(first, { transfer: [first!.bytes.buffer] });
    expect(first!.bytes.length).toBe(0);
    expect(textOf(second!)).toBe('ccc ddd');
  });

  test('keeps what it has read ahead when a chunk is moved away', async () => {
    const reader = new ChunkReader(memory('aaa bbb ccc'), new Buffers(6));
    const texts: string[] = [];
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
      texts.push(textOf(chunk));
      structuredClone(chunk, { transfer: [chunk.bytes.buffer] });
    }
    expect(texts).toEqual(['aaa ', 'bbb ', 'ccc']);
  });

  test('does not wait for a slow source to fill a chunk', async () => {
    const reader = new ChunkReader(memory('a@b.c and a@d.e', [11, 4]), new Buffers(100));
    expect(textOf((await reader.next())!)).toBe('a@b.c and ');
    expect(reader.bytesRead).toBe(11);
    expect(textOf((await reader.next())!)).toBe('a@d.e');
    expect(await reader.next()).toBeUndefined();
  });

  test('rejects with the error of its source', async () => {
    const reader = new ChunkReader(
      { read: () => Promise.reject(new Error('EIO')) },
      new Buffers(9),
    );
    await expect(reader.next()).rejects.toThrow('EIO');
  });

  test('cuts a line without end before the address that is open, and keeps it whole', async () => {
    const text = 'a@b.c_d@e.f_g@h.i_j@k.l';
    expect(addressesInAll(await chunksOf(text, 9))).toEqual(addressesIn(Buffer.from(text)));
  });

  test('counts an address longer than a chunk once, with the part of its text after the cut', async () => {
    const chunks = await chunksOf(`${'a'.repeat(10)}@example.com`, 16);
    expect(addressesInAll(chunks)).toEqual(['@le.com']);
    expect(chunks.map((chunk) => chunk.from)).toEqual(['nothing', 'label']);
  });

  test.each(['a', 'a.', '@', 'a@', 'a@b.', 'a@b.c_', '_@-.'])(
    'stays within a chunk of memory and is exact on %j repeated without a line end',
    async (unit) => {
      const text = unit.repeat(200_000);
      const reader = new ChunkReader(memory(text), new Buffers(4096));
      let found = 0;
      for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
        expect(chunk.bytes.buffer.byteLength).toBeLessThanOrEqual(4096);
        found += addressesIn(chunk.bytes, chunk.from).length;
      }
      expect(found).toBe(addressesIn(Buffer.from(text)).length);
    },
  );

  test('gives the same total in any chunks, and the same addresses when none is longer than one', async () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'aaZ9-..._+@@@\n\xff'), maxLength: 120 });
    const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        nasty,
        fc.integer({ min: 1, max: 50 }),
        pieces,
        async (text, size, reads) => {
          const whole = addressesIn(Buffer.from(text, 'latin1'));
          const reader = new ChunkReader(memory(text, reads), new Buffers(size));
          const chunks = await collect(reader);
          expect(chunks.map(textOf).join('')).toBe(text);
          expect(reader.bytesRead).toBe(text.length);
          expect(addressesInAll(chunks)).toHaveLength(whole.length);
          // What may become an address is not cut either, and one may begin at any byte.
          const candidates = [...text.matchAll(/(?=([\w.+-]*@?[\w.+-]*))/g)];
          if (candidates.every(([, candidate]) => candidate!.length < size)) {
            expect(chunks.every((chunk) => chunk.from === 'nothing')).toBe(true);
          }
          if (chunks.every((chunk) => chunk.from === 'nothing')) {
            expect(addressesInAll(chunks)).toEqual(whole);
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

/** A source in memory: each read gives at most as many bytes as the next of `reads`, in a circle. */
function memory(text: string, reads: readonly number[] = [Number.POSITIVE_INFINITY]): ByteSource {
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  let turn = 0;
  return {
    async read(into) {
      const most = Math.min(into.length, reads[turn++ % reads.length]!);
      const piece = bytes.subarray(at, at + most);
      into.set(piece);
      at += piece.length;
      return { length: piece.length, ended: piece.length < most };
    },
  };
}

async function collect(reader: ChunkReader): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    chunks.push(chunk);
  }
  return chunks;
}

function chunksOf(text: string, chunkBytes: number): Promise<Chunk[]> {
  return collect(new ChunkReader(memory(text), new Buffers(chunkBytes)));
}

function addressesInAll(chunks: readonly Chunk[]): string[] {
  return chunks.flatMap((chunk) => addressesIn(chunk.bytes, chunk.from));
}

function textOf(chunk: Chunk): string {
  return Buffer.from(chunk.bytes).toString('latin1');
}
