import { createHash } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ExportedMemories } from '../../guard/export-holds.js';
import type { Guard } from '../../guard/guard.js';
import type { Clock } from '../../model/clock.js';
import { definedIn } from '../../model/bare.js';
import type { FieldName } from '../../model/fields.js';
import type { KeyValueStore } from '../../model/key-value.js';
import { namespaced, type Namespace } from '../../model/namespace.js';
import type { Principal } from '../../model/principal.js';
import type { Sealer } from '../../model/sealer.js';
import { secretIdOf } from '../../model/space-list.js';
import { spaceIdOf } from '../../model/space.js';
import type { KeptPart } from './context.js';
import { openNote, sealNote } from '../sealed-note.js';
import { KeptChunks } from './kept-chunks.js';
import { digestOf, entriesOf, lineOf, type Entry, type Header, type KeptOrder } from './kept-entries.js';
import { HeldKey } from './kept-held.js';
import { KeptKey } from './kept-key.js';
import { dropped, nameOf } from './kept-names.js';
import { accessTo } from './part-of.js';

/** For how long the files of an export wait, in milliseconds. */
export const KEPT_MS = 86_400_000;

/** What keeping exports stands on. */
export interface KeptExportsOptions {
  readonly guard: Guard;
  readonly sealer: Sealer;
  /** Whose exports these are. */
  readonly tenant: string;
  readonly values: KeyValueStore;
  readonly clock: Clock;
  /** How long an unwrapped key is held, in milliseconds. */
  readonly cacheMs: number;
}

/**
 * The files of exports that wait to be fetched: in the store, so that any process hands them out, and sealed. A job is
 * named by its id, which the store does not hold: who has but the store opens not even an export of nobody.
 */
export class KeptExports {
  readonly #options: KeptExportsOptions;
  /** Sealed under the id of the job: they name users. */
  readonly #entries: Namespace<string>;
  readonly #chunks: KeptChunks;

  constructor(options: KeptExportsOptions) {
    const { values, clock } = options;
    this.#options = options;
    this.#entries = namespaced(values, 'export-parts', clock);
    this.#chunks = new KeptChunks(values, clock);
  }

  /**
   * Sees to it that a user has a key before their part is read: the file of users names also who has no memories, and
   * what names them has to die with a key of theirs (S22).
   *
   * @throws MemwardenError erasing, owner_key_required
   */
  prepare(userId: string): Promise<void> {
    return new KeptKey(this.#options.sealer, this.#options.tenant, '').prepare(userId);
  }

  /**
   * Keeps the files of an export that is done; what an earlier try has left is written over.
   *
   * @param files by name, their bytes
   * @throws MemwardenError export_unsettled where a user was erased meanwhile
   */
  async keep(
    job: string,
    { principal, by }: KeptOrder,
    parts: AsyncIterable<KeptPart>,
    files: Readonly<Record<string, () => AsyncIterable<Buffer>>>,
  ): Promise<void> {
    const expiresAt = new Date(this.#options.clock().getTime() + KEPT_MS);
    await this.drop(job);
    const key = new KeptKey(this.#options.sealer, this.#options.tenant, job);
    const about = createHash('sha256');
    let place = 0;
    const put = async (row: Header | Entry) => {
      about.update(lineOf(row));
      await this.#entries.insert(placed(job, place++), sealNote('part', job, row), expiresAt);
    };
    await put({ principal: digestOf(principal), by });
    for await (const part of parts) {
      // In a space where nothing was found there is nothing to keep from anybody, and it may not even be there.
      const isShared = spaceIdOf(part.userId) !== undefined;
      let share: Pick<Entry, 'share'> =
        isShared && Object.keys(part.ids).length === 0 ? {} : { share: await key.draw(part.userId) };
      // What each who has a secret there has written dies with that.
      for (const author of (part.authors ?? []).filter((one) => secretIdOf(one) !== undefined))
        await put({ userId: part.userId, shown: '', ids: [], author, share: await key.draw(part.userId, author) });
      for (const entry of entriesOf(part)) {
        await put({ ...entry, ...share });
        share = {};
      }
    }
    const sealing = { key: key.key(about.digest()), expiresAt };
    for (const [name, bytes] of Object.entries(files)) await this.#chunks.keep(job, name, bytes(), sealing);
  }

  /**
   * The bytes of a file, once everything in it is found to be there and permitted still (S27), and the release is on record.
   * Each chunk is opened when it is asked for, with a key that is at hand no longer than any is: the erasure of somebody in
   * it ends them with export_stale, however slowly they are read.
   *
   * @param principal has to be the one that it was made for, in everything that decides
   * @param recipient who gets it, where that is not the principal
   * @throws MemwardenError export_stale where it is not, or the file is not there any more; it is dropped then, but not
   *   for another principal's asking
   */
  async open(job: string, name: string, principal: Principal, recipient?: string): Promise<AsyncGenerator<Buffer>> {
    const header = await this.#entries.get(placed(job, 0));
    if (!header) return this.#stale(job);
    const { principal: wanted } = openNote('part', job, header.value) as Partial<Header>;
    if (wanted !== digestOf(principal)) throw new MemwardenError('export_stale');
    const key = new KeptKey(this.#options.sealer, this.#options.tenant, job);
    const about = await this.#found(job, principal, { key });
    if (!about) return this.#stale(job);
    const held = new HeldKey(key, about, this.#options.cacheMs);
    try {
      // It opens where nothing was taken away of what says what is in it, or put there.
      if (!(await this.#chunk(job, name, 0, held))) return await this.#stale(job);
      // Nothing is told of before all of it is found to stand.
      const told = await this.#found(job, principal, { release: { recipient } });
      if (!told?.equals(about)) return await this.#stale(job);
    } catch (error) {
      held.end();
      throw error;
    }
    return this.#read(job, name, held);
  }

  /** Takes away what is kept of an export. */
  async drop(job: string): Promise<void> {
    await dropped(this.#entries, job);
    await this.#chunks.drop(job);
  }

  async #stale(job: string): Promise<never> {
    await this.drop(job);
    throw new MemwardenError('export_stale');
  }

  // A digest of what says what is in an export; undefined where some of that does not stand any more.
  async #found(
    job: string,
    principal: Principal,
    { key, release }: { readonly key?: KeptKey; readonly release?: ExportedMemories['release'] },
  ): Promise<Buffer | undefined> {
    const { guard } = this.#options;
    const about = createHash('sha256');
    let by: readonly FieldName[] | undefined;
    for await (const row of this.#of(job)) {
      about.update(lineOf(row));
      if ('principal' in row) {
        ({ by } = row);
        continue;
      }
      const { userId, shown, ids, share, author, writer, withheld } = row;
      if (!by || (key && share && !(await key.open(userId, share, author)))) return undefined;
      if (author !== undefined) continue;
      const memories = { ids, shown, by, ...definedIn({ release, author: writer, withheld }) };
      if (!(await guard.exportHolds(accessOf(guard, principal, userId), memories))) return undefined;
    }
    return about.digest();
  }

  async *#read(job: string, name: string, held: HeldKey): AsyncGenerator<Buffer> {
    try {
      for (let place = 0; ; place += 1) {
        const found = await this.#chunk(job, name, place, held);
        if (!found) return await this.#stale(job);
        yield found.bytes;
        if (found.isLast) return;
      }
    } finally {
      held.end();
    }
  }

  async #chunk(job: string, name: string, place: number, held: HeldKey) {
    const found = await this.#chunks.at(job, name, place);
    const key = await held.now();
    const bytes = key && found?.open(key);
    return found && bytes && { bytes, isLast: found.isLast };
  }

  async *#of(job: string): AsyncGenerator<Header | Entry> {
    const start = `${nameOf(job)}/`;
    for (let after = start; ;) {
      const page = await this.#entries.list(20, after);
      for (const { key, value } of page) {
        if (!key.startsWith(start)) return;
        yield openNote('part', job, value) as Header | Entry;
      }
      const last = page.at(-1);
      if (!last) return;
      after = last.key;
    }
  }
}

function accessOf(guard: Guard, principal: Principal, partition: string) {
  const space = spaceIdOf(partition);
  return accessTo(guard, principal, space === undefined ? { user_id: partition } : { space });
}

function placed(job: string, place: number): string {
  return `${nameOf(job)}/${String(place).padStart(8, '0')}`;
}
