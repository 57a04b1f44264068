import { Queue, Worker } from 'bullmq';

/**
 * No-op jobs through Redis: added a thousand at a time, run 64 at a time. Answers with how many a second.
 *
 * @param {string} host
 * @param {number} port
 * @param {string} name
 * @param {number} count
 */
export async function run(host, port, name, count) {
  const connection = { host, port, maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection });
  let ended = 0;
  /** @type {() => void} */
  let over = () => {};
  const worker = new Worker(name, async (job) => job.data.n, { connection, concurrency: 64 });
  worker.on('completed', () => {
    if (++ended === count) over();
  });
  try {
    await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
    const all = new Promise((resolve) => {
      over = () => resolve(undefined);
    });
    const cpu = process.cpuUsage();
    const began = performance.now();
    for (let n = 0; n < count; n += 1000)
      await queue.addBulk(
        Array.from({ length: 1000 }, (_, i) => ({ name: 'noop', data: { n: n + i } })),
      );
    await all;
    const { user, system } = process.cpuUsage(cpu);
    // Without what Redis takes.
    return {
      rate: (count / (performance.now() - began)) * 1000,
      cpuRate: (count / (user + system)) * 1e6,
    };
  } finally {
    await worker.close();
    await queue.obliterate({ force: true });
    await queue.close();
  }
}

/** Jobs added in bulk while nobody runs any: how many a second. */
export async function submits(host, port, name, count) {
  const queue = new Queue(name, { connection: { host, port, maxRetriesPerRequest: null } });
  try {
    await queue.waitUntilReady();
    const cpu = process.cpuUsage();
    const began = performance.now();
    for (let n = 0; n < count; n += 1000)
      await queue.addBulk(
        Array.from({ length: 1000 }, (_, i) => ({ name: 'noop', data: { n: n + i } })),
      );
    const { user, system } = process.cpuUsage(cpu);
    return {
      rate: (count / (performance.now() - began)) * 1000,
      cpuRate: (count / (user + system)) * 1e6,
    };
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
  }
}
