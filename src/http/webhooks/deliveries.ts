import type { FastifyRequest } from 'fastify';
import type { WebhookSettings } from '../../config/serve/webhooks.js';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import { webhookRows } from '../../model/credential-rows.js';
import { newId } from '../../model/id.js';
import { namespaced, type Kept } from '../../model/namespace.js';
import type { DoorParts } from '../door.js';
import { Destinations, type Resolve } from './destinations.js';
import { Semaphore } from './semaphore.js';
import { post, type Attempt } from './post.js';
import { asSender, senderOf, type Ground, type Sender } from './sender.js';
import { Shares, type Place } from './shares.js';
import { signedHeaders } from './signature.js';
import { MOST_WEBHOOKS, SECRET_KIND, type Happened, type WebhookRow, type Webhooks } from './webhooks.js';

/** What became of deliveries since the start. */
export interface WebhookCounters {
  readonly deliveries: Readonly<Record<Outcome, number>>;
  readonly attempts: Readonly<Record<Attempt, number>>;
  /** Events that are being looked up and deliveries that wait or are under way. */
  readonly waiting: number;
}

/** How a delivery ends; `withdrawn`: nobody may be told of it any more; `dropped`: it was not tried to its end. */
export type Outcome = 'delivered' | 'failed' | 'withdrawn' | 'dropped';

/** How receivers are reached. */
export interface Network {
  readonly ca?: string | Buffer;
  readonly resolve?: Resolve;
}

interface Event extends Happened {
  readonly id: string;
  readonly at: Date;
  readonly sender: Sender;
}

interface Delivery {
  readonly event: Event;
  readonly webhook: string;
  readonly keyIds: readonly string[];
}

const MOST_IDS = 100;
const MOST_WAITING = 1_000;
const MOST_OF_ONE = 100;
const MOST_OF_HOLDER = 250;
const AT_ONCE = 8;
const AT_ONCE_OF_HOLDER = 4;
const JITTER = 0.2;
// What asking again can change nothing about.
const WITHDRAWN: ReadonlySet<string> = new Set(['unauthenticated', 'forbidden', 'not_found', 'tenant_required']);
const FINAL: ReadonlySet<Attempt> = new Set<Attempt>(['redirect', 'client_error', 'address']);

/**
 * Delivers webhooks: ids alone, to the origins that the operator lists. The process that served a request delivers what it
 * did, from a bounded queue in its memory; every attempt is decided anew. Requests neither wait for it nor fail by it.
 */
export class WebhookDeliveries implements Webhooks {
  readonly #settings: WebhookSettings;
  readonly #base: DoorParts;
  readonly #ca: string | Buffer | undefined;
  readonly #destinations: Destinations;
  readonly #stop = new AbortController();
  readonly #cut = new AbortController();
  readonly #lookups = new Semaphore(AT_ONCE);
  readonly #sending = new Semaphore(AT_ONCE);
  // One at a time to each receiver, and for each tenant half of the places, so that none that stalls takes those of all.
  readonly #ofOne = new Shares(MOST_OF_ONE, 1);
  readonly #ofHolder = new Shares(MOST_OF_HOLDER, AT_ONCE_OF_HOLDER);
  readonly #running = new Set<Promise<void>>();
  readonly #outcomes = { delivered: 0, failed: 0, withdrawn: 0, dropped: 0 };
  readonly #attempts = counted();

  /** @param network how receivers are found, and who vouches for them, where it is not as Node does */
  constructor(settings: WebhookSettings, base: DoorParts, network: Network = {}) {
    this.#settings = settings;
    this.#base = base;
    this.#ca = network.ca;
    this.#destinations = new Destinations(settings, network.resolve);
  }

  get counters(): WebhookCounters {
    return { deliveries: { ...this.#outcomes }, attempts: { ...this.#attempts }, waiting: this.#running.size };
  }

  allows(url: string): boolean {
    return this.#destinations.allows(url);
  }

  tell(request: FastifyRequest, happened: Happened): void {
    const { ids, ...rest } = happened;
    const { services } = this.#base;
    const sender = senderOf(request);
    const at = services.clock();
    for (let from = 0; from === 0 || from < ids.length; from += MOST_IDS) {
      const event = { ...rest, ids: ids.slice(from, from + MOST_IDS), id: newId(), at, sender };
      this.#take(() => this.#lookups.through(() => this.#spread(event)));
    }
  }

  /**
   * Takes nothing new and tries nothing again; what has not had its first attempt gets it, as long as there is time.
   *
   * @param waitMs how long that may take; what is under way then is cut off
   */
  async close(waitMs: number): Promise<void> {
    this.#stop.abort();
    const limit = setTimeout(() => this.#cut.abort(), waitMs);
    while (this.#running.size > 0) await Promise.all(this.#running);
    clearTimeout(limit);
    this.#cut.abort();
  }

  // Whatever it ends in is counted, and no promise is left to nobody.
  #take(work: () => Promise<Outcome | undefined>): void {
    if (this.#running.size >= MOST_WAITING || this.#cut.signal.aborted) {
      this.#end('dropped');
      return;
    }
    const running = work().then(
      (outcome) => outcome && this.#end(outcome),
      (error: unknown) => this.#end(isWithdrawn(error) ? 'withdrawn' : 'failed'),
    );
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
  }

  #end(outcome: Outcome): void {
    this.#outcomes[outcome] += 1;
  }

  // Who did it is asked for the webhooks of their project.
  async #spread(event: Event): Promise<undefined> {
    const found = await asSender(this.#base, event.sender, event.owner, undefined, async (ground) => ({
      keyIds: ground.keyIds,
      holder: ground.holder,
      rows: await rowsOf(ground).list(MOST_WEBHOOKS),
    }));
    for (const { key, value } of found.rows) {
      if (!this.#isFor(value, event)) continue;
      // The places are taken where it is: what is dropped before has none to give back.
      this.#take(() => this.#placed({ event, webhook: key, keyIds: found.keyIds }, found.holder));
    }
  }

  async #placed(delivery: Delivery, holder: string): Promise<Outcome> {
    const places: Place[] = [];
    try {
      for (const place of [this.#ofOne.take(delivery.webhook), this.#ofHolder.take(holder)])
        if (place) places.push(place);
      const [one, ofHolder] = places;
      return one && ofHolder ? await this.#deliver(delivery, one.semaphore, ofHolder.semaphore) : 'dropped';
    } finally {
      for (const place of places) place.leave();
    }
  }

  #isFor({ url, event_types, sealed }: WebhookRow, { type }: Event): boolean {
    return sealed !== undefined && event_types.includes(type) && this.allows(url);
  }

  async #deliver(delivery: Delivery, lane: Semaphore, holder: Semaphore): Promise<Outcome> {
    const { retryMs } = this.#settings;
    for (let attempt = 0; ; attempt += 1) {
      const sent = () => this.#sending.through(() => this.#attempt(delivery));
      const became = await lane.through(() => holder.through(sent));
      if (became !== undefined && became !== 'again') this.#attempts[became] += 1;
      if (became === undefined) return 'dropped';
      if (became === 'ok') return 'delivered';
      const pause = retryMs[attempt];
      if (FINAL.has(became as Attempt) || pause === undefined) return 'failed';
      if (!(await this.#pause(pause * (1 - JITTER + 2 * JITTER * Math.random())))) return 'dropped';
    }
  }

  // Undefined where there is no time left; `again` where the store could not say.
  async #attempt({ event, webhook, keyIds }: Delivery): Promise<Attempt | 'again' | undefined> {
    if (this.#cut.signal.aborted) return undefined;
    try {
      return await asSender(this.#base, event.sender, event.owner, keyIds, async (ground) => {
        const row = await rowsOf(ground).get(webhook);
        if (!row || !this.#isFor(row.value, event)) throw withdrawn();
        return this.#post(await this.#order(ground, row, event));
      });
    } catch (error) {
      if (isWithdrawn(error)) throw error;
      return 'again';
    }
  }

  async #order({ parts, project }: Ground, { key, value }: Kept<WebhookRow>, event: Event) {
    const { handles, clock } = parts.services;
    const { owner, id, type, at, deleted } = event;
    const secret = await handles.open(SECRET_KIND, value.sealed ?? '');
    // Of another webhook: somebody has moved it.
    if (secret?.owner !== key) throw withdrawn();
    const memory_ids = await Promise.all(event.ids.map((one) => handles.seal('memory', { owner, id: one })));
    const data = { memory_ids, ...(deleted === undefined ? {} : { deleted }) };
    const body = JSON.stringify({ type, id, timestamp: at.toISOString(), project_id: project, data });
    return { url: value.url, body, headers: signedHeaders(secret.id, id, clock(), body) };
  }

  #post(order: { readonly url: string; readonly body: string; readonly headers: Record<string, string> }) {
    const { timeoutMs } = this.#settings;
    return post(this.#destinations, { ...order, timeoutMs, signal: this.#cut.signal, ca: this.#ca });
  }

  /** @returns whether there is another attempt after it */
  #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve(!signal.aborted);
      };
      const timer = setTimeout(end, ms);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  }
}

function rowsOf({ parts, project }: Ground) {
  const { values, clock } = parts.services;
  return namespaced<WebhookRow>(values, webhookRows(project), clock);
}

function counted(): Record<Attempt, number> {
  return { ok: 0, redirect: 0, client_error: 0, server_error: 0, timeout: 0, unreachable: 0, address: 0 };
}

function withdrawn(): MemwardenError {
  return new MemwardenError('not_found');
}

function isWithdrawn(error: unknown): boolean {
  return isMemwardenError(error) && WITHDRAWN.has(error.code);
}
