import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** How the connection of a command fails: it is cut before the server sees it, or the answer never comes. */
export type Failing = 'cut' | 'unanswered';

/** A way to a server on this machine that fails whatever commands it is told to. */
export interface FailingProxy {
  readonly port: number;
  /** From now on the connections that carry one of these commands fail; none of them none. */
  fail(commands: readonly string[], how: Failing): void;
  stop(): void;
}

/** Starts one before a server that listens on a port. */
export async function startFailingProxy(target: number): Promise<FailingProxy> {
  let failing: { readonly marks: readonly Buffer[]; readonly how: Failing } = { marks: [], how: 'cut' };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    let isMute = false;
    client.on('data', (chunk) => {
      if (failing.marks.some((mark) => chunk.includes(mark))) {
        if (failing.how === 'cut') return client.destroy();
        isMute = true;
      }
      return upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!isMute) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    fail(commands, how) {
      // A command is a document whose first field is its name, with the name of a collection as its text.
      failing = { marks: commands.map((name) => Buffer.from(`\u0002${name}\0`)), how };
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
