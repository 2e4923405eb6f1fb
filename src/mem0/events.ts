import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { callerOf, partsOf, principalOf, type DoorParts } from '../http/door.js';
import type { Caller } from '../identity/caller.js';
import { assertPlanned, type DoorServices } from '../internals.js';
import { eventParts, eventRows } from '../model/credential-rows.js';
import { newId } from '../model/id.js';
import { namespaced, type Kept, type Namespace } from '../model/namespace.js';
import { entities, paging, readQuery } from './body.js';
import { ownerOf } from './desk.js';
import { located } from './locate.js';
import { linksOf } from './links.js';
import { BY_QUERY } from './named-user.js';

interface EventRow {
  /** Of the memories; neither their text nor their user. */
  readonly ids: readonly string[];
  readonly at: string;
}

const LIFETIME_MS = 24 * 3_600_000;
const DEFAULT_SIZE = 50;
/** The most events of a user that a list counts and shows. */
const MOST = 1_000;
const MISSING = "Event not found or you don't have permission to access it.";
const listQuery = z.strictObject({ ...entities, ...paging });

/**
 * What became of adds: they are done when they are answered. For a day, and for who sent them, by ids alone; a row does
 * not name the user, whom its handle and a keyed name of credential and user tell.
 */
export class Events {
  readonly #services: DoorServices;

  constructor(services: DoorServices) {
    this.#services = services;
  }

  /** Keeps that memories were added. @returns the handle of the event */
  async added(caller: Caller, owner: string, ids: readonly string[]): Promise<string> {
    const now = this.#services.clock();
    const id = newId();
    const rows = await this.#shelf(caller, owner);
    await rows.insert(id, { ids, at: now.toISOString() }, new Date(now.getTime() + LIFETIME_MS));
    return this.#services.handles.seal('event', { owner, id });
  }

  /** @returns the event; undefined where it is not there, has expired, or is of another credential */
  async get(caller: Caller, owner: string, id: string): Promise<object | undefined> {
    const row = await (await this.#shelf(caller, owner)).get(id);
    return row && this.#view(owner, row);
  }

  /** Those that have not expired, the newest first, and no more than the newest `MOST`. */
  async list(caller: Caller, owner: string): Promise<Kept<EventRow>[]> {
    const found: Kept<EventRow>[] = [];
    for await (const row of (await this.#shelf(caller, owner)).all()) {
      found.push(row);
      if (found.length === 2 * MOST) found.splice(0, MOST);
    }
    return found.slice(-MOST).reverse();
  }

  view(owner: string, rows: readonly Kept<EventRow>[]): Promise<object[]> {
    return Promise.all(rows.map((row) => this.#view(owner, row)));
  }

  async #shelf(caller: Caller, owner: string): Promise<Namespace<EventRow>> {
    const { nameOf, values, clock } = this.#services;
    return namespaced(values, eventRows(await nameOf(...eventParts(caller, owner))), clock);
  }

  async #view(owner: string, { key, value }: Kept<EventRow>): Promise<object> {
    const { handles } = this.#services;
    const memories = await Promise.all(value.ids.map((id) => handles.seal('memory', { owner, id })));
    return {
      id: await handles.seal('event', { owner, id: key }),
      event_type: 'ADD',
      status: 'SUCCEEDED',
      payload: {},
      metadata: null,
      results: memories.map((id) => ({ id, event: 'ADD', status: 'SUCCEEDED' })),
      created_at: value.at,
      updated_at: value.at,
      started_at: value.at,
      completed_at: value.at,
      error: null,
    };
  }
}

/** The routes that tell of events, to who may add memories still. */
export function telling(app: FastifyInstance, parts: DoorParts): void {
  const eventsOf = (request: FastifyRequest) => new Events(partsOf(request, parts).services);

  app.get('/v1/events/', { config: BY_QUERY }, async (request) => {
    const { page = 1, page_size: size = DEFAULT_SIZE, ...who } = readQuery(listQuery, request);
    const owner = ownerOf(request, who);
    const { warden } = partsOf(request, parts);
    assertPlanned(warden, principalOf(request, 'mem0', owner), { user: owner }, 'create');
    const rows = await eventsOf(request).list(callerOf(request), owner);
    const results = await eventsOf(request).view(owner, rows.slice((page - 1) * size, page * size));
    return { count: rows.length, ...linksOf(request, page, size, page * size < rows.length), results };
  });

  app.get<{ Params: { id: string } }>('/v1/event/:id/', { config: { missing: MISSING } }, (request) =>
    located(parts, request, 'event', request.params.id, async ({ owner, principal }, id) => {
      assertPlanned(partsOf(request, parts).warden, principal, { user: owner }, 'create');
      const found = await eventsOf(request).get(callerOf(request), owner, id);
      if (!found) throw new MemwardenError('not_found');
      return found;
    }),
  );
}
