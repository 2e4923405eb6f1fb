import { Long, MongoClient, type Document } from 'mongodb';
import type { Candidate } from '../../src/model/evaluate.js';
import { openMongo } from '../../src/store/mongodb/driver.js';
import { toRecord, type MemoryRow } from '../../src/store/mongodb/rows.js';
import { byTag, type ParityStore } from './store.js';

// The product reads what a majority has.
const SETTLED = { writeConcern: { w: 'majority' }, readConcern: { level: 'majority' } } as const;

/** A migrated MongoDB store; documents go into its collection past the validator. `clear` drops the database. */
export async function mongoStore(uri: string): Promise<ParityStore & { clear(): Promise<void> }> {
  const client = await new MongoClient(uri).connect();
  const memories = client.db().collection<Document>('memories', SETTLED);
  const driver = await openMongo({ uri, timeoutMs: 60_000 });
  await driver.migrate();
  const hello = await client.db('admin').command({ hello: 1 });
  return {
    kind: 'mongodb',
    sharded: hello['msg'] === 'isdbgrid',
    planned: driver.planned,
    async refill(documents) {
      await memories.deleteMany({});
      // The driver gives an ObjectId to what has no id.
      const rows = documents.map(({ document: { id, ...rest } }) => (id === undefined ? rest : { _id: id, ...rest }));
      await memories.insertMany(rows, { bypassDocumentValidation: true });
      for (const { tag, serverTime } of documents) {
        if (!serverTime) continue;
        const time = { $toDate: Long.fromBigInt(serverTime.milliseconds) };
        const done = await memories.updateMany({ content: tag }, [{ $set: { [serverTime.field]: time } }], {
          bypassDocumentValidation: true,
        });
        if (done.modifiedCount !== 1) throw new Error(`no server time for ${tag}`);
      }
      const planted = byTag(documents);
      const read = await memories.find().sort({ content: 1 }).toArray();
      const exact = await memories.find({}, { promoteValues: false, bsonRegExp: true }).sort({ content: 1 }).toArray();
      return read.map((row, i) => {
        const { _id: id, ...rest } = exact[i] ?? {};
        return {
          planted: planted(row['content']),
          record: toRecord(row as unknown as MemoryRow) as unknown as Candidate,
          exact: { id, ...rest },
          inPlace: !Object.hasOwn(row, 'act'),
        };
      });
    },
    /** Drops the database. */
    async clear() {
      await client.db().dropDatabase();
    },
    async close() {
      await driver.close();
      await client.close();
    },
  };
}
