import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/** The connections of a server. */
export class Connections {
  readonly #server: HttpServer | HttpsServer;
  readonly #all = new Set<Socket>();
  /** Those that requests are read from: with TLS, once the handshake is over. */
  readonly #read = new Set<Socket>();
  /** With TLS, those whose handshake goes on, by where they come from. */
  readonly #shaking = new Map<string, Socket>();
  #taken = 0;
  #isHeld = false;

  /** Before the server takes any. */
  constructor(server: HttpServer | HttpsServer) {
    this.#server = server;
    const isSecure = server instanceof TlsServer;
    server.on('connection', (socket: Socket) => {
      this.#taken += 1;
      keep(this.#all, socket);
      if (!isSecure) return;
      const from = comesFrom(socket);
      this.#shaking.set(from, socket);
      socket.once('close', () => this.#shaking.get(from) === socket && this.#shaking.delete(from));
    });
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
      keep(this.#read, socket);
      this.#shaking.delete(comesFrom(socket));
      // Behind what has been put off to the next tick, which starts the reading.
      process.nextTick(() => this.#isHeld && socket.pause());
    });
  }

  /** How many are open. */
  get size(): number {
    return this.#all.size;
  }

  /** How many were ever taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Reads nothing more from any of them, nor from those that come; their bytes wait. */
  hold(): void {
    this.#isHeld = true;
    for (const socket of this.#read) socket.pause();
  }

  /** Reads on. */
  letGo(): void {
    this.#isHeld = false;
    for (const socket of this.#read) socket.resume();
  }

  /** Takes no more. Those that there are stay, which the way of `http` would close where they are idle. */
  takeNoMore(): void {
    NetServer.prototype.close.call(this.#server);
  }

  /** Closes those on which no request is running: between two, before the first byte of one, before a handshake is over. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
    for (const socket of this.#read) if (socket.bytesRead === 0) socket.destroy();
    for (const socket of this.#shaking.values()) socket.destroy();
  }

  closeAll(): void {
    for (const socket of this.#all) socket.destroy();
  }
}

function comesFrom({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}
