import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Connections } from './connections.js';

/** How a server goes down. */
export interface DrainSettings {
  /** How long it still takes requests. */
  readonly drainMs: number;
  /** How long those that are running then have. */
  readonly limitMs: number;
}

const LOOK_MS = 25;
/** What is running when no more connections are to be taken may hold that up for so long. */
const HOLD_MS = 250;
const MOST_LOOKS = 100;

/**
 * Takes a server down without failing a request that it has: first every answer closes its connection while requests are
 * still taken; then no connection is taken any more; then what came on those that there are has its time.
 */
export class Drain {
  readonly #app: FastifyInstance;
  readonly #connections: Connections;
  readonly #unanswered = new Set<ServerResponse>();
  #draining = false;

  /** Before the server is ready, because it adds a hook. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    this.#connections = new Connections(app.server);
    app.addHook('onRequest', (_request, { raw }, done) => {
      if (this.#draining) closeAfter(raw);
      this.#unanswered.add(raw);
      raw.once('close', () => this.#unanswered.delete(raw));
      done();
    });
  }

  /** @returns whether everything that was running ended by itself */
  async down({ drainMs, limitMs }: DrainSettings): Promise<boolean> {
    this.#draining = true;
    for (const answer of this.#unanswered) closeAfter(answer);
    // What the kernel has accepted is taken up by the next turns of the loop.
    await turns();
    const end = performance.now() + drainMs;
    while (this.#connections.size > 0 && performance.now() < end) await sleep(Math.min(LOOK_MS, drainMs));
    const { server } = this.#app;
    const closed = server.listening ? once(server, 'close') : undefined;
    const over = new AbortController();
    over.signal.addEventListener('abort', () => this.#connections.closeAll());
    const limit = setTimeout(() => over.abort(), limitMs);
    await this.#takeNoMore();
    // Those that were taken after the time was over.
    if (over.signal.aborted) this.#connections.closeAll();
    const idle = this.#closeIdle();
    await closed;
    clearTimeout(limit);
    clearInterval(idle);
    await this.#app.close();
    return !over.signal.aborted;
  }

  // A connection that the kernel holds ready is lost when nobody listens any more, with the bytes that came on it. Turns
  // that answer many requests are long, and who is answered comes again: so nothing is read while the last are taken.
  async #takeNoMore(): Promise<void> {
    const connections = this.#connections;
    connections.hold();
    const end = performance.now() + HOLD_MS;
    while (this.#unanswered.size > 0 && performance.now() < end) await sleep(1);
    for (let taken = -1, looks = 0; taken !== connections.taken && looks < MOST_LOOKS; looks += 1) {
      taken = connections.taken;
      await turns();
    }
    connections.takeNoMore();
    connections.letGo();
  }

  // Answers close theirs; of the others those on which nothing has come for two looks.
  #closeIdle(): NodeJS.Timeout {
    let looks = 0;
    return setInterval(() => {
      looks = this.#unanswered.size > 0 ? 0 : looks + 1;
      if (looks > 1) this.#connections.closeIdle();
    }, LOOK_MS);
  }
}

function closeAfter(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader('connection', 'close');
}

async function turns(): Promise<void> {
  await turn();
  await turn();
}
