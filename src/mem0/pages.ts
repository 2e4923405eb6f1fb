import { isMemwardenError } from '../errors/memwarden-error.js';
import type { Page } from '../guard/read.js';
import type { Where } from '../guard/where.js';
import type { DoorServices } from '../internals.js';
import { namespaced, type Namespace } from '../model/namespace.js';
import { principalKey } from '../model/principal.js';
import type { Desk } from './desk.js';

const LIFETIME_MS = 3_600_000;

/**
 * Pages by number over the guard's cursors. Where a page ended is kept for an hour in the store that all processes share,
 * so that who reads one page after the other reads each memory once; a page that nobody came to yet is counted off from
 * the beginning. A cursor is sealed and of one principal, owner and filter, and so is the name that it is kept under.
 */
export class Pages {
  readonly #services: DoorServices;
  readonly #places: Namespace<string>;

  constructor(services: DoorServices) {
    this.#services = services;
    this.#places = namespaced(services.values, 'mem0-pages', services.clock);
  }

  /** @param number from 1 */
  async page(desk: Desk, where: Where, number: number, size: number): Promise<Page> {
    const found = await this.#read(desk, where, number, size);
    if (found.cursor !== undefined) await this.#keep(await this.#name(desk, where, number + 1, size), found.cursor);
    return found;
  }

  async #read(desk: Desk, where: Where, number: number, size: number): Promise<Page> {
    const kept = number === 1 ? undefined : await this.#places.get(await this.#name(desk, where, number, size));
    if (kept) {
      try {
        return await desk.conditioned.list(where, { limit: size, cursor: kept.value });
      } catch (error) {
        // Its key was changed, or it was kept for longer than it lives.
        if (!isMemwardenError(error, 'invalid_cursor')) throw error;
      }
    }
    return desk.conditioned.list(where, { limit: size, skip: (number - 1) * size });
  }

  #name({ principal, owner }: Desk, where: Where, number: number, size: number): Promise<string> {
    const which = JSON.stringify([where, number, size]);
    return this.#services.nameOf('page', principalKey(principal), owner, which);
  }

  async #keep(name: string, cursor: string): Promise<void> {
    const expires = new Date(this.#services.clock().getTime() + LIFETIME_MS);
    const kept = await this.#places.get(name);
    if (kept?.value === cursor) return;
    if (kept) await this.#places.replace(kept, cursor, expires);
    else await this.#places.insert(name, cursor, expires);
  }
}
