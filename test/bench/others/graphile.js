import { Logger, run as start } from 'graphile-worker';
import pg from 'pg';

/**
 * No-op jobs through PostgreSQL, 24 at a time. Answers with how many a second.
 *
 * @param {string} connectionString
 * @param {string} schema
 * @param {number} count
 */
export async function run(connectionString, schema, count) {
  const pool = new pg.Pool({ connectionString, max: 10 });
  pool.on('error', () => {});
  let ended = 0;
  /** @type {() => void} */
  let over = () => {};
  const all = new Promise((resolve) => {
    over = () => resolve(undefined);
  });
  const runner = await start({
    pgPool: pool,
    schema,
    concurrency: 24,
    noHandleSignals: true,
    logger: new Logger(() => () => {}),
    taskList: {
      noop: async () => {
        if (++ended === count) over();
      },
    },
  });
  try {
    const cpu = process.cpuUsage();
    const began = performance.now();
    await pool.query(
      `select ${schema}.add_jobs(array_agg(json_populate_record(null::${schema}.job_spec, json_build_object('identifier', 'noop', 'payload', json_build_object('n', n)))))
       from generate_series(1, $1) n`,
      [count],
    );
    await all;
    const { user, system } = process.cpuUsage(cpu);
    // Without what PostgreSQL takes.
    return {
      rate: (count / (performance.now() - began)) * 1000,
      cpuRate: (count / (user + system)) * 1e6,
    };
  } finally {
    await runner.stop();
    await pool.query(`drop schema if exists ${schema} cascade`);
    await pool.end();
  }
}
