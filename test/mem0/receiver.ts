import {
  createServer as createPlain,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a receiver of webhooks was sent. */
export interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Delivered;
}

/** The body of a delivery. */
export interface Delivered {
  readonly type: string;
  readonly id: string;
  readonly timestamp: string;
  readonly project_id: string;
  readonly data: { readonly memory_ids: readonly string[]; readonly deleted?: number };
}

/** A receiver of webhooks on a socket of this machine. */
export interface Receiver {
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly got: Got[];
  /** How many connections were made to it. */
  readonly connections: () => number;
  /** What it does with the next requests; 200 where nothing is said. */
  readonly next: ((answer: ServerResponse, request: IncomingMessage) => void)[];
  /** What it does where nothing is left in `next`. */
  always: (answer: ServerResponse) => void;
  /** Resolves when it has got so many. */
  until(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Answers with a status. */
export const status =
  (code: number, headers: Record<string, string> = {}) =>
  (answer: ServerResponse): void =>
    void answer.writeHead(code, headers).end();
/** Never answers. */
export const stall = (): void => undefined;

/** Starts one. @param tls a certificate and its key; plain HTTP without them */
export async function receiver(tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<Receiver> {
  let connections = 0;
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  const onRequest = (request: IncomingMessage, answer: ServerResponse) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      made.got.push({ path: String(request.url), headers: request.headers, text, body: JSON.parse(text) as Delivered });
      (made.next.shift() ?? made.always)(answer, request);
      for (const { count, done } of waiting) if (made.got.length >= count) done();
    });
  };
  const server = tls ? createTls(tls, onRequest) : createPlain(onRequest);
  server.on('connection', () => (connections += 1));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const made: Receiver = {
    port,
    origin: `${tls ? 'https' : 'http'}://${tls ? 'localhost' : '127.0.0.1'}:${port}`,
    got: [],
    connections: () => connections,
    next: [],
    always: status(200),
    until: (count) =>
      new Promise((done) => {
        if (made.got.length >= count) done();
        else waiting.push({ count, done });
      }),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return made;
}
