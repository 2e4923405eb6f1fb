import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What goes wrong between a service and who calls it, whatever the service says. */
export type Fault =
  /** The request is taken and never answered. */
  | 'stall'
  /** The head of the answer comes, and of the body one byte now and then, for ever. */
  | 'drip'
  /** The connection is cut. */
  | 'reset'
  /** A body that is not the service's. */
  | 'garbage'
  /** JSON, but nothing that the service says. */
  | 'null'
  | 'empty'
  /** A body without an end. */
  | 'endless'
  | 'status 500'
  | 'status 503'
  /** A proxy on the way says so. */
  | 'status 400'
  /** Sent to another address, with everything that came. */
  | 'redirect';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as it came over the socket. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A small server for a key service: HTTP over a real socket, with faults. */
export interface HttpService {
  readonly address: string;
  /** Everything that came in, raw. */
  readonly requests: Request[];
  /** Faults for the requests to come, the last of them for all further ones; none where it is empty. */
  faults: (Fault | 'none')[];
  /** Where a redirect leads. */
  elsewhere: string;
  stop(): Promise<void>;
}

export const CANARY = 'CANARY-of-the-server-4711';

/** Starts a service on a port of its own. */
export async function startService(answer: (request: Request) => Answer): Promise<HttpService> {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((incoming, response) => {
    void read(incoming).then((request) => {
      service.requests.push(request);
      const fault = (service.faults.length > 1 ? service.faults.shift() : service.faults[0]) ?? 'none';
      if (fault === 'none') return send(response, answer(request));
      spoil(fault, response, timers, service.elsewhere);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const service: HttpService = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    faults: [],
    elsewhere: 'http://127.0.0.1:1',
    async stop() {
      for (const timer of timers) clearInterval(timer);
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return service;
}

async function read(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}

function spoil(fault: Fault, response: ServerResponse, timers: Set<NodeJS.Timeout>, elsewhere: string): void {
  const ok = (body: string) => send(response, { status: 200, headers: { 'content-type': 'application/json' }, body });
  const every = (ms: number, act: () => void) => {
    const timer = setInterval(act, ms);
    timers.add(timer);
    response.on('close', () => clearInterval(timer));
  };
  switch (fault) {
    case 'stall':
      return;
    case 'drip':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{');
      return every(20, () => response.write(' '));
    case 'reset':
      return void response.socket?.resetAndDestroy();
    case 'garbage':
      return ok(`<html>${CANARY}</html>`);
    case 'null':
      return ok('null');
    case 'empty':
      return ok('{}');
    case 'endless':
      response.writeHead(200, { 'content-type': 'application/json' });
      return every(5, () => response.write(Buffer.alloc(32_768, CANARY)));
    case 'redirect':
      return send(response, { status: 307, headers: { location: `${elsewhere}/${CANARY}` }, body: CANARY });
    default:
      return send(response, { status: Number(fault.slice(7)), body: `<html>${CANARY}</html>` });
  }
}
