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
  #draining = false;

  /** Before the server is ready, because it adds a hook. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    app.addHook('onRequest', (_request, { raw }, done) => {
      // Also of a request that came before the end was known: asked when the answer begins.
      const { writeHead } = raw;
      raw.writeHead = ((...args: Parameters<typeof writeHead>) => {
        if (this.#draining) raw.setHeader('connection', 'close');
        return writeHead.apply(raw, args);
      }) as typeof writeHead;
      done();
    });
  }

  /** @returns whether everything that was running ended by itself */
  async down({ drainMs, limitMs }: DrainSettings): Promise<boolean> {
    const { server } = this.#app;
    this.#draining = true;
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

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

function connections({ server }: FastifyInstance): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)));
}
