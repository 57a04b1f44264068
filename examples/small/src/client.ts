/** A connection that comes back: it crashes with its socket, and is restarted with a back-off. */

import { createServer, connect as dial, type Socket } from 'node:net';
import { type Actor, ActorSystem, child, fromEmitter, name, type Self, supervisor } from 'beamish';

type News = { tag: 'send'; text: string } | { tag: 'data'; text: string } | { tag: 'lost' };

const LINK = name<News>('link');
const backoff = { firstMs: 10, maxMs: 1000, jitter: 'none' } as const;

function* connection(self: Self<News>, port: number, tell: (text: string) => void): Actor {
  const socket = dial(port, '127.0.0.1');
  self.defer(() => socket.destroy());
  fromEmitter(self, socket, 'data', (data: Buffer) => ({ tag: 'data', text: String(data) }));
  fromEmitter(self, socket, 'error', () => ({ tag: 'lost' }));
  fromEmitter(self, socket, 'close', () => ({ tag: 'lost' }));
  for (;;) {
    const news = yield* self.receive('send', 'data', 'lost');
    if (news.tag === 'lost') throw new Error('The connection is lost');
    if (news.tag === 'send') socket.write(news.text);
    else tell(news.text);
  }
}

/** A server that greets, and hangs up the first two times. */
let greeted = 0;
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {}).write(`hello ${++greeted}`);
  if (greeted < 3) setTimeout(() => socket.destroy(), 20);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as { port: number };

await using system = new ActorSystem({ log: 'off' });
await new Promise<void>((resolve) => {
  const tell = (text: string): void => {
    console.log(text);
    if (text === 'hello 3') resolve();
  };
  const link = child({ id: 'link', name: LINK, backoff }, connection, port, tell);
  void system.start(supervisor({ children: [link] }));
});
for (const socket of sockets) socket.destroy();
server.close();
