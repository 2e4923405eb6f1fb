import type { KeyDocument, KeyDocumentKind, KeyRing, KeyStore, Rewrap } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import { openingError, translated } from '../embedded/errors.js';
import { Generations, type KeyTables } from './generations.js';

/**
 * Opens a key store in a folder of its own (LMDB).
 *
 * @throws MemwardenError store_unavailable, store_unwritable
 */
export async function openEmbeddedKeys(path: string): Promise<KeyStore> {
  try {
    return new EmbeddedKeyStore(await Generations.open(path));
  } catch (error) {
    throw openingError(error, 'keys.store');
  }
}

class EmbeddedKeyStore implements KeyStore {
  readonly kind = 'embedded';
  readonly #generations: Generations;

  constructor(generations: Generations) {
    this.#generations = generations;
  }

  ring({ tenant, userId }: Partition): Promise<KeyRing | undefined> {
    return this.#read(({ rings }) => rings.get([tenant, userId]));
  }

  swap(next: KeyRing, expected: number | undefined): Promise<boolean> {
    return this.#write(({ rings }) => {
      const key = [next.tenant, next.userId];
      if (rings.get(key)?.epoch !== expected) return false;
      rings.putSync(key, next);
      return true;
    });
  }

  remove({ tenant, userId }: Partition, expected: number): Promise<boolean> {
    return this.#write(({ rings }) => {
      if (rings.get([tenant, userId])?.epoch !== expected) return false;
      rings.removeSync([tenant, userId]);
      return true;
    });
  }

  reserve({ tenant, userId }: Partition, keyId: string, count: number): Promise<number | undefined> {
    return this.#write(({ rings }) => {
      const ring = rings.get([tenant, userId]);
      const version = ring?.versions.find((one) => one.keyId === keyId && one.state === 'active');
      if (!ring || !version) return undefined;
      const reserved = version.reserved + count;
      const versions = ring.versions.map((one) => (one === version ? { ...one, reserved } : one));
      rings.putSync([tenant, userId], { ...ring, versions });
      return reserved;
    });
  }

  rings(after: Partition | undefined, limit: number): Promise<KeyRing[]> {
    return this.#read(({ rings }) => {
      const start = after ? { start: [after.tenant, after.userId] } : {};
      const found: KeyRing[] = [];
      for (const { key, value } of rings.getRange({ ...start, limit: limit + 1 })) {
        if (after && key[0] === after.tenant && key[1] === after.userId) continue;
        if (found.length < limit) found.push(value);
      }
      return found;
    });
  }

  erasing(limit: number, tenant?: string): Promise<KeyRing[]> {
    return this.#read(({ rings }) => {
      const found: KeyRing[] = [];
      for (const { value } of rings.getRange()) {
        if (tenant !== undefined && value.tenant !== tenant) continue;
        if (value.state === 'erasing' && found.push(value) === limit) break;
      }
      return found;
    });
  }

  rewrap(changes: readonly Rewrap[]): Promise<number> {
    return this.#write(({ rings }) => {
      let done = 0;
      for (const { partition, epoch, kekId, wrapped, pseudonym } of changes) {
        const key = [partition.tenant, partition.userId];
        const ring = rings.get(key);
        if (ring?.epoch !== epoch) continue;
        const versions = ring.versions.map((one) => {
          const bytes = wrapped.get(one.keyId);
          return bytes ? { ...one, kekId, wrapped: bytes } : one;
        });
        const own = ring.pseudonym && pseudonym ? { pseudonym: { ...ring.pseudonym, kekId, wrapped: pseudonym } } : {};
        rings.putSync(key, { ...ring, versions, ...own });
        done += 1;
      }
      return done;
    });
  }

  holdsKeys(): Promise<boolean> {
    return this.#read(({ rings, documents }) => {
      for (const _ of rings.getKeys({ limit: 1 })) return true;
      for (const _ of documents.getKeys({ ...ofKind('instance'), limit: 1 })) return true;
      return false;
    });
  }

  document(kind: KeyDocumentKind, id: string): Promise<KeyDocument | undefined> {
    return this.#read(({ documents }) => {
      const value = documents.get([kind, id]);
      return value && { id, value };
    });
  }

  add(kind: KeyDocumentKind, { id, value }: KeyDocument): Promise<boolean> {
    return this.#write(({ documents }) => {
      if (documents.doesExist([kind, id])) return false;
      documents.putSync([kind, id], value);
      return true;
    });
  }

  put(kind: KeyDocumentKind, { id, value }: KeyDocument): Promise<void> {
    return this.#write(({ documents }) => void documents.putSync([kind, id], value));
  }

  documents(kind: KeyDocumentKind, after: string | undefined, limit: number): Promise<KeyDocument[]> {
    return this.#read(({ documents }) => {
      const range = ofKind(kind);
      const start = after === undefined ? range.start : [kind, after];
      const found: KeyDocument[] = [];
      for (const { key, value } of documents.getRange({ ...range, start, limit: limit + 1 })) {
        const id = key[1] ?? '';
        if (id !== after && found.length < limit) found.push({ id, value });
      }
      return found;
    });
  }

  shred(): Promise<void> {
    return translated(() => this.#generations.renew());
  }

  // Another process finds out by its cache's time; LMDB tells nobody of a change.
  watch(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.#generations.close();
  }

  #read<T>(work: (tables: KeyTables) => T): Promise<T> {
    return translated(() => this.#generations.read(work));
  }

  #write<T>(work: (tables: KeyTables) => T): Promise<T> {
    return translated(() => this.#generations.write(work));
  }
}

function ofKind(kind: KeyDocumentKind): { start: string[]; end: string[] } {
  return { start: [kind, ''], end: [kind, '\u{10ffff}'] };
}
