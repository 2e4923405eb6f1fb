import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How a server goes down. */
export interface DrainSettings {
  /** How long it still takes requests. */
  readonly drainMs: number;
  /** How long those that are running then have. */
  readonly limitMs: number;
}

/**
 * Takes a server down without failing a request that it has: first every answer closes its connection while requests are
 * still taken, so that no connection is closed that a request is on its way on; then nothing new is taken; then what is
 * running has its time.
 */
export class Drain {
  readonly #app: FastifyInstance;
  readonly #unanswered = new Set<ServerResponse>();
  #draining = false;

  /** Before the server is ready, because it adds a hook. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    app.addHook('onRequest', (_request, { raw }, done) => {
      if (this.#draining) closeAfter(raw);
      else {
        this.#unanswered.add(raw);
        raw.once('close', () => this.#unanswered.delete(raw));
      }
      done();
    });
  }

  /** @returns whether everything that was running ended by itself */
  async down({ drainMs, limitMs }: DrainSettings): Promise<boolean> {
    const { server } = this.#app;
    this.#draining = true;
    for (const answer of this.#unanswered) closeAfter(answer);
    // What the kernel has accepted is taken up by the next turns of the loop, before anything is closed.
    await turn();
    await turn();
    const end = performance.now() + drainMs;
    while ((await connections(this.#app)) > 0 && performance.now() < end)
      await new Promise((done) => setTimeout(done, Math.min(25, drainMs)));
    await turn();
    let inTime = true;
    const limit = setTimeout(() => {
      inTime = false;
      server.closeAllConnections();
    }, limitMs);
    await this.#app.close();
    clearTimeout(limit);
    return inTime;
  }
}

function closeAfter(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader('connection', 'close');
}

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function connections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
