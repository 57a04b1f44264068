/** A chat on TCP: `nc 127.0.0.1 7000` in two terminals. An actor for each guest, a group for the room. */

import { createServer, type Socket } from 'node:net';
import {
  type Actor,
  child,
  dynamicSupervisor,
  fromEmitter,
  group,
  groups,
  main,
  name,
  type Self,
  type Supervisor,
  startChild,
  supervisor,
} from 'beamish';

type Guest =
  | { tag: 'line'; text: string }
  | { tag: 'said'; who: string; text: string }
  | { tag: 'gone' };

const ROOM = group<Guest>('room');
const GUESTS = name<Supervisor>('guests');

function* guest(self: Self<Guest>, socket: Socket): Actor {
  self.defer(() => socket.destroy());
  fromEmitter(self, socket, 'data', (data: Buffer) => ({ tag: 'line', text: String(data).trim() }));
  fromEmitter(self, socket, 'close', () => ({ tag: 'gone' }));
  fromEmitter(self, socket, 'error', () => ({ tag: 'gone' }));
  const who = `guest ${self.pid.serial}`;
  groups.join(self, ROOM, self.pid);
  socket.write(`You are ${who}, one of ${groups.members(self, ROOM).length}\n`);
  for (;;) {
    const message = yield* self.receive('line', 'said', 'gone');
    if (message.tag === 'gone') return;
    if (message.tag === 'said') socket.write(`${message.who}: ${message.text}\n`);
    else groups.publish(self, ROOM, { tag: 'said', who, text: message.text });
  }
}

function* door(self: Self<{ tag: 'knock'; socket: Socket }>, port: number): Actor {
  const server = createServer({ pauseOnConnect: false });
  self.defer(() => server.close());
  fromEmitter(self, server, 'connection', (socket: Socket) => ({ tag: 'knock', socket }));
  yield* self.wait(new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve)));
  console.log('listening on', (server.address() as { port: number }).port);
  for (;;) {
    const { socket } = yield* self.receive('knock');
    yield* startChild(self, GUESTS, child({ id: 'guest', restart: 'temporary' }, guest, socket));
  }
}

const guests = child({ id: 'guests', name: GUESTS }, dynamicSupervisor());
const port = Number(process.argv[2] ?? 7000);
await main(supervisor({ strategy: 'rest_for_one', children: [guests, child('door', door, port)] }));
