import { NoAnswer, type Answer, type Requests } from './requests.js';

const MOST_OWN = 60;
const WAIT_MS = 50;

/** What happened. */
export interface Tally {
  requests: number;
  /** Answers of another status than the request asks for. */
  readonly failed: Map<string, number>;
  /** Requests without an answer, while the server was up. */
  readonly lost: Map<string, number>;
  /** Requests without an answer, while it was killed or started. */
  interrupted: number;
  /** Acknowledged memories that were not there. */
  missing: number;
}

/** A memory whose creation was acknowledged, and has not been asked to go since. */
interface Own {
  readonly id: string;
  readonly text: string;
}

/** One user whose program adds, reads, searches, changes and deletes, one request after the other. */
export class Traffic {
  readonly #requests: Requests;
  readonly #user: string;
  readonly #tally: Tally;
  readonly #own: Own[] = [];
  #n: number;

  constructor(requests: Requests, worker: number, tally: Tally) {
    this.#requests = requests;
    this.#user = `load-${worker}`;
    this.#tally = tally;
    this.#n = worker * 7;
  }

  /** @param url where the server is; undefined while there is none */
  async run(url: () => string | undefined, until: () => boolean): Promise<void> {
    while (!until()) {
      const at = url();
      if (at === undefined) await new Promise((done) => setTimeout(done, WAIT_MS));
      else await this.#one(at, url);
    }
  }

  /** Looks for every memory that was acknowledged. */
  async check(url: string): Promise<void> {
    for (const { id, text } of this.#own) {
      const answer = await this.#requests.send(url, 'GET', this.#path(id));
      if (answer.status !== 200 || !answer.body.includes(text)) this.#tally.missing += 1;
    }
  }

  async #one(at: string, url: () => string | undefined): Promise<void> {
    const n = (this.#n += 1);
    const turn = (n * 37) % 100;
    const own = this.#own[n % Math.max(1, this.#own.length)];
    try {
      if (!own || (turn < 12 && this.#own.length < MOST_OWN)) await this.#add(at, n);
      else if (turn < 55) expect(this.#tally, 200, await this.#requests.send(at, 'GET', this.#path(own.id)), 'get');
      else if (turn < 70)
        expect(this.#tally, 200, await this.#requests.send(at, 'GET', this.#path('?limit=20')), 'list');
      else if (turn < 88) {
        const query = { query: `item ${n % 50} of the order`, limit: 10 };
        expect(this.#tally, 200, await this.#requests.send(at, 'POST', this.#path('search'), query), 'search');
      } else if (turn < 95) {
        const change = await this.#requests.send(at, 'PATCH', this.#path(own.id), { category: `c${n % 5}` });
        expect(this.#tally, 200, change, 'update');
      } else await this.#delete(at, own);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      if (url() !== at) this.#tally.interrupted += 1;
      else count(this.#tally.lost, error.message);
    }
    this.#tally.requests += 1;
  }

  async #add(at: string, n: number): Promise<void> {
    const text = `Item ${n % 50} of the order ${n} of ${this.#user} is to be kept.`;
    const answer = await this.#requests.send(at, 'POST', this.#path(''), { content: text, level: 'private' });
    expect(this.#tally, 201, answer, 'add');
    if (answer.status !== 201) return;
    this.#own.push({ id: (JSON.parse(answer.body) as { id: string }).id, text });
  }

  async #delete(at: string, own: Own): Promise<void> {
    // From here on it may be there or not.
    this.#own.splice(this.#own.indexOf(own), 1);
    expect(this.#tally, 204, await this.#requests.send(at, 'DELETE', this.#path(own.id)), 'delete');
  }

  #path(rest: string): string {
    const base = `/v1/users/${this.#user}/memories`;
    return rest === '' || rest.startsWith('?') ? `${base}${rest}` : `${base}/${rest}`;
  }
}

function expect(tally: Tally, status: number, answer: Answer, name: string): void {
  if (answer.status !== status) count(tally.failed, `${name}: ${answer.status} ${codeOf(answer.body)}`);
}

function codeOf(body: string): string {
  return /"code":"([a-z_]+)"/.exec(body)?.[1] ?? '';
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
