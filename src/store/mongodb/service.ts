import { randomBytes } from 'node:crypto';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { newId } from '../../model/id.js';
import type { InstanceKey, ServiceStore } from '../service.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED } from './connect.js';
import { isDuplicate, translated } from './errors.js';

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
