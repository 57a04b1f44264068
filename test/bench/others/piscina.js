import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';

export async function caller() {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('piscina-worker.js', import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 100,
  });
  await pool.run({ tag: 'ask' });
  return { call: (what) => pool.run(what), close: () => pool.destroy() };
}
