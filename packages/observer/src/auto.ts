/**
 * For `node --import @beamish/observer/auto app.js`: observes every actor system that the program makes, and
 * prints the link of its page. `BEAMISH_OBSERVER_CONTROL=1` lets the page change the program,
 * `BEAMISH_OBSERVER_PORT` and `BEAMISH_OBSERVER_TOKEN` choose where and with which token it is served.
 */

import { isMainThread } from 'node:worker_threads';
import { onSystem } from 'beamish/observation';
import { observe } from './observing/observer.ts';
import { servePage } from './page/server.ts';
import { inOneLine } from './terms/text.ts';

// Threads are seen from the main one.
if (isMainThread) {
  const { env } = process;
  const port = env['BEAMISH_OBSERVER_PORT'];
  const token = env['BEAMISH_OBSERVER_TOKEN'];
  let isFirst = true;
  onSystem((system) => {
    const observer = observe(system, { control: env['BEAMISH_OBSERVER_CONTROL'] === '1' });
    const options = {
      ...(port === undefined || !isFirst ? {} : { port: Number(port) }),
      ...(token === undefined ? {} : { token }),
    };
    isFirst = false;
    const name = inOneLine(system.name);
    servePage(observer, options).then(
      ({ url }) => process.stderr.write(`beamish observer: ${name} at ${url}\n`),
      // The program goes on without it.
      (error: unknown) =>
        process.stderr.write(`beamish observer: ${name} has no page: ${String(error)}\n`),
    );
  });
}
