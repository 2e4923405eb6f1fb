import type { AnyBulkWriteOperation, ChangeStream, Collection, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { KeyDocument, KeyDocumentKind, KeyRing, KeyStore, Rewrap } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import { connect, DURABLE, SETTLED, SIMPLE, type MongoOptions } from '../mongodb/connect.js';
import { isDuplicate, translated } from '../mongodb/errors.js';
import { partitionId } from '../mongodb/rows.js';

type RingRow = KeyRing & { readonly _id: string };
type DocumentRow = Readonly<Record<string, unknown>> & { readonly _id: string };

// Hardly any ring is in it.
const ERASING = { name: 'erasing', key: { state: 1 }, partialFilterExpression: { state: 'erasing' } };
const OPTIONS = { ...DURABLE, ...SIMPLE };
const TOLD = ['insert', 'update', 'replace', 'delete'];
const NAMESPACE_NOT_FOUND = 26;
const REOPEN_MS = 1_000;

/**
 * Opens a key store in a MongoDB database of its own.
 *
 * @throws MemwardenError store_unsafe, config_invalid, store_unavailable
 */
export async function openMongoKeys(options: MongoOptions): Promise<KeyStore> {
  const connection = await connect(options);
  try {
    return await translated(async () => {
      const db = connection.getClient().db(connection.name);
      const rings: Collection<RingRow> = db.collection('key_rings');
      // Whoever may not make it, as the application's user may not, finds it there.
      if (!(await isIndexed(rings))) await db.command({ createIndexes: 'key_rings', indexes: [ERASING], ...DURABLE });
      return new MongoKeyStore(connection, rings, db.collection('key_documents'));
    });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function isIndexed(rings: Collection<RingRow>): Promise<boolean> {
  try {
    return (await rings.indexes()).some(({ name }) => name === ERASING.name);
  } catch (error) {
    if ((error as { code?: unknown }).code === NAMESPACE_NOT_FOUND) return false;
    throw error;
  }
}

class MongoKeyStore implements KeyStore {
  readonly kind = 'mongodb';
  readonly #connection: Connection;
  readonly #rings: Collection<RingRow>;
  readonly #documents: Collection<DocumentRow>;
  #changes: ChangeStream | undefined;
  #following: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(connection: Connection, rings: Collection<RingRow>, documents: Collection<DocumentRow>) {
    this.#connection = connection;
    this.#rings = rings;
    this.#documents = documents;
  }

  ring(partition: Partition): Promise<KeyRing | undefined> {
    return translated(async () => {
      const row = await this.#rings.findOne({ _id: idOf(partition) }, SETTLED);
      return row ? toRing(row) : undefined;
    });
  }

  swap(next: KeyRing, expected: number | undefined): Promise<boolean> {
    const row = { _id: idOf(next), ...next };
    return translated(async () => {
      if (expected === undefined) return this.#insert(this.#rings, row);
      const done = await this.#rings.replaceOne({ _id: row._id, epoch: expected }, next, OPTIONS);
      return done.matchedCount === 1;
    });
  }

  remove(partition: Partition, expected: number): Promise<boolean> {
    return translated(async () => {
      const done = await this.#rings.deleteOne({ _id: idOf(partition), epoch: expected }, OPTIONS);
      return done.deletedCount === 1;
    });
  }

  reserve(partition: Partition, keyId: string, count: number): Promise<number | undefined> {
    return translated(async () => {
      const row = await this.#rings.findOneAndUpdate(
        { _id: idOf(partition), versions: { $elemMatch: { keyId, state: 'active' } } },
        { $inc: { 'versions.$.reserved': count } },
        { ...OPTIONS, returnDocument: 'after' },
      );
      return row?.versions.find((version) => version.keyId === keyId)?.reserved;
    });
  }

  rings(after: Partition | undefined, limit: number): Promise<KeyRing[]> {
    const filter = after ? { _id: { $gt: idOf(after) } } : {};
    return this.#find(filter, limit);
  }

  erasing(limit: number, tenant?: string): Promise<KeyRing[]> {
    return this.#find({ state: 'erasing', ...(tenant === undefined ? {} : { tenant }) }, limit);
  }

  rewrap(changes: readonly Rewrap[]): Promise<number> {
    if (changes.length === 0) return Promise.resolve(0);
    const updates = changes.map(rewrapping) as AnyBulkWriteOperation<RingRow>[];
    return translated(async () => (await this.#rings.bulkWrite(updates, { ...DURABLE, ordered: false })).matchedCount);
  }

  holdsKeys(): Promise<boolean> {
    return translated(async () => {
      const projection = { _id: 1 } as const;
      if (await this.#rings.findOne({}, { ...SETTLED, projection })) return true;
      return (await this.#documents.findOne(ofKind('instance'), { ...SETTLED, projection })) !== null;
    });
  }

  document(kind: KeyDocumentKind, id: string): Promise<KeyDocument | undefined> {
    return translated(async () => {
      const row = await this.#documents.findOne({ _id: documentId(kind, id) }, SETTLED);
      return row ? toDocument(row) : undefined;
    });
  }

  add(kind: KeyDocumentKind, { id, value }: KeyDocument): Promise<boolean> {
    return translated(() => this.#insert(this.#documents, { ...value, _id: documentId(kind, id) }));
  }

  put(kind: KeyDocumentKind, { id, value }: KeyDocument): Promise<void> {
    const options = { ...OPTIONS, upsert: true };
    return translated(
      async () => void (await this.#documents.replaceOne({ _id: documentId(kind, id) }, value, options)),
    );
  }

  documents(kind: KeyDocumentKind, after: string | undefined, limit: number): Promise<KeyDocument[]> {
    const filter = ofKind(kind, after);
    return translated(async () => {
      const rows = await this.#documents.find(filter, { ...SETTLED, sort: { _id: 1 }, limit }).toArray();
      return rows.map(toDocument);
    });
  }

  // The server writes a document anew where it pleases; until when the old one can be found stands in the certificate.
  shred(): Promise<void> {
    return Promise.resolve();
  }

  async watch(onChange: (partition: Partition) => void): Promise<void> {
    const hello = await translated(() => this.#connection.getClient().db().admin().command({ hello: 1 }));
    // A standalone server has no change streams.
    if (!hello['setName'] && hello['msg'] !== 'isdbgrid') return;
    this.#follow(onChange);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#following);
    await this.#changes?.close().catch(() => undefined);
    await translated(() => this.#connection.close());
  }

  // The driver resumes by itself what a server tells it to; the rest ends the stream. While there is none a cache still
  // ends by its time.
  #follow(onChange: (partition: Partition) => void): void {
    if (this.#isClosed) return;
    const changes = this.#rings.watch([{ $match: { operationType: { $in: TOLD } } }]);
    changes.on('change', (change) => {
      const id = 'documentKey' in change ? change.documentKey._id : '';
      const slash = id.indexOf('/');
      onChange({ tenant: id.slice(0, slash), userId: id.slice(slash + 1) });
    });
    changes.on('error', () => void changes.close().catch(() => undefined));
    changes.once('close', () => {
      if (!this.#isClosed) this.#following = setTimeout(() => this.#follow(onChange), REOPEN_MS).unref();
    });
    this.#changes = changes;
  }

  #find(filter: Document, limit: number): Promise<KeyRing[]> {
    return translated(async () => {
      const rows = await this.#rings.find(filter, { ...SETTLED, sort: { _id: 1 }, limit }).toArray();
      return rows.map(toRing);
    });
  }

  async #insert<T extends { readonly _id: string }>(collection: Collection<T>, row: T): Promise<boolean> {
    try {
      await collection.insertOne(row as Parameters<typeof collection.insertOne>[0], DURABLE);
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}

function rewrapping({ partition, epoch, kekId, wrapped, pseudonym }: Rewrap): Document {
  const set: Document = {};
  const arrayFilters: Document[] = [];
  [...wrapped].forEach(([keyId, bytes], n) => {
    set[`versions.$[v${n}].kekId`] = kekId;
    set[`versions.$[v${n}].wrapped`] = bytes;
    arrayFilters.push({ [`v${n}.keyId`]: keyId });
  });
  if (pseudonym) Object.assign(set, { 'pseudonym.kekId': kekId, 'pseudonym.wrapped': pseudonym });
  const filter = { _id: idOf(partition), epoch };
  return { updateOne: { filter, update: { $set: set }, ...(arrayFilters.length ? { arrayFilters } : {}), ...SIMPLE } };
}

function idOf({ tenant, userId }: Partition): string {
  return partitionId(tenant, userId);
}

function documentId(kind: KeyDocumentKind, id: string): string {
  return `${kind}/${id}`;
}

// The character after the slash bounds the kind.
function ofKind(kind: KeyDocumentKind, after = ''): { _id: { $gt: string; $lt: string } } {
  return { _id: { $gt: `${kind}/${after}`, $lt: `${kind}0` } };
}

function toRing({ _id: _, ...ring }: RingRow): KeyRing {
  return ring;
}

function toDocument({ _id, ...value }: DocumentRow): KeyDocument {
  return { id: _id.slice(_id.indexOf('/') + 1), value };
}
