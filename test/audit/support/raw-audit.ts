import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { openTables } from '../../../src/store/embedded/environment.js';
import type { Place } from '../../contract/support/place.js';

/** One row of the log, under every check. */
export interface RawRow {
  readonly key: string;
  readonly body: Buffer;
}

/** The rows of a log as somebody with write access to where it lies can change them. */
export interface RawAudit {
  rows(): Promise<RawRow[]>;
  put(key: string, body: Buffer): Promise<void>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

const DIGITS = 10;

export async function rawAudit(place: Place): Promise<RawAudit> {
  return place.kind === 'embedded' ? embedded(place.path) : mongo(place.uri);
}

async function embedded(path: string): Promise<RawAudit> {
  const tables = await openTables(path);
  const toKey = (key: string): (string | number)[] => {
    const [, stream, group] = /^(.*):(\d+)$/s.exec(key) ?? [];
    return stream === undefined ? [key] : [stream, Number(group)];
  };
  return {
    async rows() {
      tables.root.resetReadTxn();
      return [...tables.audit.getRange()].map(({ key, value }) => ({
        key: `${String(key[0])}:${String(key[1]).padStart(DIGITS, '0')}`,
        body: Buffer.from(value),
      }));
    },
    async put(key, body) {
      await tables.write(() => void tables.audit.put(toKey(key), body));
    },
    async remove(key) {
      await tables.write(() => void tables.audit.remove(toKey(key)));
    },
    close: () => tables.close(),
  };
}

async function mongo(uri: string): Promise<RawAudit> {
  const client = await new MongoClient(uri, { promoteBuffers: true }).connect();
  const audit = client.db().collection<{ _id: string; body: Buffer }>('audit');
  const settled = { writeConcern: { w: 'majority', j: true } } as const;
  return {
    async rows() {
      return (await audit.find().sort({ _id: 1 }).toArray()).map(({ _id: key, body }) => ({ key, body }));
    },
    async put(key, body) {
      await audit.replaceOne({ _id: key }, { body } as never, { upsert: true, ...settled });
    },
    async remove(key) {
      await audit.deleteOne({ _id: key }, settled);
    },
    close: () => client.close(),
  };
}

/** The files of the file sink, a file a row. */
export function rawFiles(folder: string): RawAudit {
  return {
    rows: async () =>
      readdirSync(folder)
        .sort()
        .map((key) => ({ key, body: readFileSync(join(folder, key)) })),
    put: async (key, body) => writeFileSync(join(folder, key), body),
    remove: async (key) => rmSync(join(folder, key)),
    close: async () => undefined,
  };
}
