import type { Document } from 'mongodb';
import type { AuditStorage, StoredGroup } from '../../model/audit-storage.js';
import type { Collections } from './collections.js';
import { DURABLE, SETTLED, SIMPLE } from './connect.js';
import { isDuplicate, translated } from './errors.js';
import { MARKER } from './migrate.js';

/** A group; its id is its stream and its number, so that a place is taken once. */
export interface AuditRow {
  readonly _id: string;
  readonly body: Buffer;
}

const DIGITS = 10;
const PAGE = 256;
const BYTES = { ...SETTLED, promoteBuffers: true } as const;
// Sorts after the ":" of ids, so that it ends the range of a stream.
const END = ';';

/** The audit log on MongoDB: one document a group, because one document is written whole on every deployment. */
export class MongoAudit implements AuditStorage {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  append({ stream, group, body }: StoredGroup): Promise<'stored' | 'taken'> {
    const _id = idOf(stream, group);
    return translated(async () => {
      try {
        await this.#collections.audit.insertOne({ _id, body }, DURABLE);
        return 'stored';
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      // The earlier try may not have reached most members, or the disk, yet; a write that waits for both waits for it
      // too. It changes nothing, and is none on the log: the application's user may not change a record.
      const marker = { $set: { _id: MARKER } } as Document;
      await this.#collections.keys.updateOne({ _id: MARKER }, marker, { ...DURABLE, ...SIMPLE });
      const found = await this.#collections.audit.findOne({ _id }, BYTES);
      return found && body.equals(found.body) ? 'stored' : 'taken';
    });
  }

  streams(): Promise<string[]> {
    return translated(async () => {
      const names: string[] = [];
      for (;;) {
        const last = names.at(-1);
        const after = last === undefined ? {} : { _id: { $gt: `${last}${END}` } };
        const row = await this.#collections.audit.findOne(after, {
          ...SETTLED,
          sort: { _id: 1 },
          projection: { _id: 1 },
        });
        if (!row) return names;
        names.push(parse(row._id).stream);
      }
    });
  }

  async *groups(stream: string, from = 1): AsyncGenerator<StoredGroup> {
    // From the first on, every row that stands between this stream and the next: another's hand may have put it there.
    const first = from === 1 ? stream : idOf(stream, from);
    const range = { _id: { $gte: first, $lt: `${stream}${END}` } };
    const rows = this.#collections.audit.find(range, { ...BYTES, sort: { _id: 1 }, batchSize: PAGE });
    let coming = translated(() => rows.hasNext());
    try {
      while (await coming) {
        const page = rows.readBufferedDocuments();
        // On its way while the reader is busy with this one. What it throws is thrown where it is awaited.
        coming = translated(() => rows.hasNext());
        coming.catch(() => undefined);
        for (const row of page) {
          const found = parse(row._id);
          yield { stream, group: found.stream === stream ? found.group : NaN, body: bytesOf(row.body) };
        }
      }
    } finally {
      await coming.catch(() => undefined);
      await rows.close();
    }
  }

  async last(stream: string): Promise<StoredGroup | undefined> {
    const range = { _id: { $gte: `${stream}:`, $lt: `${stream}${END}` } };
    const row = await translated(() => this.#collections.audit.findOne(range, { ...BYTES, sort: { _id: -1 } }));
    return row ? { stream, group: parse(row._id).group, body: bytesOf(row.body) } : undefined;
  }

  async removeStream(stream: string): Promise<void> {
    const range = { _id: { $gte: `${stream}:`, $lt: `${stream}${END}` } };
    await translated(() => this.#collections.audit.deleteMany(range, { ...DURABLE, ...SIMPLE }));
  }
}

function idOf(stream: string, group: number): string {
  return `${stream}:${String(group).padStart(DIGITS, '0')}`;
}

// Another's hand may have written anything there.
function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function parse(id: string): { stream: string; group: number } {
  const [, stream, group] = /^(.*):(\d{10})$/s.exec(id) ?? [];
  return stream === undefined ? { stream: id, group: NaN } : { stream, group: Number(group) };
}
