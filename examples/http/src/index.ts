/** What the web servers of the examples have in common. */

export { type Env, fault, HEADERS, json, Refused } from './answers.ts';
export { eventsOf } from './event-stream.ts';
export { bodyOf } from './guard.ts';
export { allowOnly, type Place, servePage, siteAt } from './site.ts';
export { noTask, serveMetrics } from './tasks.ts';
export { type WebSettings, webServer } from './web-server.ts';
