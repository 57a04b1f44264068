/** A way to a server that can be cut, and that can fall silent, as a network does. */

import { connect, createServer, type Server, type Socket } from 'node:net';

export class Cuttable {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refuses = false;
  #lost: string | undefined;
  /** Those that say nothing any more. */
  readonly #silent = new WeakSet<Socket>();

  /** `to`: a path of a socket, or a port of this machine. */
  static async to(to: string | number): Promise<Cuttable> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Cuttable(server, to);
  }

  private constructor(server: Server, to: string | number) {
    this.#server = server;
    this.port = (server.address() as { readonly port: number }).port;
    server.on('connection', (near) => this.#join(near, to));
  }

  /** Everybody is cut off, and nobody comes in until `mend`. */
  cut(): void {
    this.#refuses = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing that is said on connections that there are arrives, and nobody hears of that. New ones are as ever. */
  silence(): void {
    for (const socket of this.#sockets) this.#silent.add(socket);
  }

  /** The next answer in which this stands does not arrive: its connection is cut. */
  loseAnswer(text: string): void {
    this.#lost = text;
  }

  mend(): void {
    this.#refuses = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket, to: string | number): void {
    if (this.#refuses) {
      near.destroy();
      return;
    }
    const far = typeof to === 'string' ? connect(to) : connect(to, '127.0.0.1');
    const both = [near, far] as const;
    for (const socket of both) {
      const other = socket === near ? far : near;
      this.#sockets.add(socket);
      socket.on('data', (data) => {
        if (socket === far && this.#isLost(data)) far.destroy();
        else if (!this.#silent.has(socket)) other.write(data);
      });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!this.#silent.has(socket)) other.destroy();
      });
    }
  }

  #isLost(data: Buffer): boolean {
    if (this.#lost === undefined || !data.includes(this.#lost)) return false;
    this.#lost = undefined;
    return true;
  }
}
