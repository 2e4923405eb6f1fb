import { Agent, request } from 'node:http';

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Why there was no answer. `sent`: whether bytes of the request had gone to a connection. */
export class NoAnswer extends Error {
  readonly sent: boolean;
  readonly code: string;

  constructor(code: string, sent: boolean) {
    super(`${code}${sent ? ', after it was sent' : ''}`);
    this.code = code;
    this.sent = sent;
  }
}

/** Requests over a number of connections that stay open. */
export class Requests {
  readonly #agent: Agent;
  readonly #key: string;

  constructor(connections: number, key: string) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#key = key;
  }

  /** @throws NoAnswer */
  send(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      let connected = false;
      const headers = {
        authorization: `Bearer ${this.#key}`,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      };
      const sent = request(`${url}${path}`, { method, agent: this.#agent, headers }, (answer) => {
        let received = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (received += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: received }));
        answer.on('error', (error: NodeJS.ErrnoException) => reject(new NoAnswer(error.code ?? 'unknown', true)));
      });
      sent.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once('connect', () => (connected = true));
      });
      sent.on('error', (error: NodeJS.ErrnoException) => reject(new NoAnswer(error.code ?? 'unknown', connected)));
      sent.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
