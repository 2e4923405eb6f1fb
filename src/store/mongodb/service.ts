import { randomBytes } from 'node:crypto';
import type { Document } from 'mongodb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { newId } from '../../model/id.js';
import type { InstanceKey, ServiceStore } from '../service.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { isDuplicate, translated, unlessThere } from './errors.js';

const ERASURES = 'erasures';

/** Instance keys on MongoDB: `current:<purpose>` points at the key in use, so that two first askers agree on one. */
export class MongoService implements ServiceStore {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  async currentKey(purpose: string): Promise<InstanceKey> {
    const { keys } = this.#collections;
    return translated(async () => {
      const pointer = `current:${purpose}`;
      const found = await this.#pointed(pointer);
      if (found) return found;
      const id = newId();
      await keys.insertOne({ _id: id, purpose, secret: randomBytes(32), created_at: new Date() }, DURABLE);
      try {
        await keys.insertOne({ _id: pointer, current: id }, DURABLE);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      const made = await this.#pointed(pointer);
      if (!made) throw new MemwardenError('internal');
      return made;
    });
  }

  async storeId(): Promise<string> {
    return (await this.currentKey('store')).id;
  }

  async bound(name: string, value?: string, until?: Date): Promise<string | undefined> {
    const _id = `bound:${name}`;
    return translated(async () => {
      if (value !== undefined) {
        const put = { $setOnInsert: { bound: value, ...(until ? { until } : {}) } } as Document;
        await unlessThere(this.#collections.keys.updateOne({ _id }, put, { ...DURABLE, ...SIMPLE, upsert: true }));
      }
      const row = await this.#collections.keys.findOne({ _id }, SETTLED);
      return row && 'bound' in row ? row.bound : undefined;
    });
  }

  async unbind(family: string, time: Date): Promise<number> {
    const { keys } = this.#collections;
    // By the index of ids; there are few of a family.
    const filter = { _id: { $gte: `bound:${family}`, $lt: `bound:${family}\u{10ffff}` }, until: { $lte: time } };
    const done = await translated(() => keys.deleteMany(filter as Document, { ...DURABLE, ...SIMPLE }));
    return done.deletedCount;
  }

  async holdsKeyStore(): Promise<boolean> {
    const { keyDocuments } = this.#collections;
    const found = await translated(() => keyDocuments.findOne({}, { ...SETTLED, projection: { _id: 1 } }));
    return found !== null;
  }

  async erasureHead(): Promise<number> {
    const row = await translated(() => this.#collections.keys.findOne({ _id: ERASURES }, SETTLED));
    return row && 'head' in row ? row.head : 0;
  }

  async raiseErasureHead(sequence: number): Promise<void> {
    const raise = { $max: { head: sequence } } as Document;
    const options = { ...DURABLE, ...SIMPLE, upsert: true };
    await translated(() => unlessThere(this.#collections.keys.updateOne({ _id: ERASURES }, raise, options)));
    if ((await this.erasureHead()) < sequence) await this.raiseErasureHead(sequence);
  }

  async keyById(id: string): Promise<InstanceKey | undefined> {
    return translated(() => this.#find(id));
  }

  async #pointed(pointer: string): Promise<InstanceKey | undefined> {
    const row = await this.#collections.keys.findOne({ _id: pointer }, SETTLED);
    return row && 'current' in row ? this.#find(row.current) : undefined;
  }

  async #find(id: string): Promise<InstanceKey | undefined> {
    const row = await this.#collections.keys.findOne({ _id: id }, { ...SETTLED, promoteBuffers: true });
    return row && 'secret' in row ? { id, purpose: row.purpose, secret: row.secret } : undefined;
  }
}
