import { mkdir, open as openFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { MemoryRecord } from '../../model/fields.js';
import type { KeptValue } from '../../model/key-value.js';
import { openingError } from './errors.js';
import { Gate, Writer } from './gate.js';
import { assertRoom } from './room.js';
import { SETTINGS } from './settings.js';

/** A row of the list of users. */
export interface PartitionEntry {
  readonly revision: number;
  readonly createdAt: Date;
  /** Milliseconds. */
  readonly nextExpiry?: number;
  /** No write under an earlier epoch of the user's keys lands any more. */
  readonly fence?: number;
}

/** A past state, or with `deletedAt` the last one of a deleted memory. */
export interface StateEntry {
  readonly record: MemoryRecord;
  readonly deletedAt?: Date;
}

/** The tables that memories lie in: those of users, or those of shared spaces. */
export interface Places {
  /** [tenant, user, id] */
  readonly memories: Database<MemoryRecord, string[]>;
  /** [tenant, user, occurred_at, id]: the order of lists. */
  readonly recent: Database<true, (string | number)[]>;
  /** [tenant, user, memory, version or 'deleted'] */
  readonly history: Database<StateEntry, (string | number)[]>;
  /** [tenant, user] */
  readonly partitions: Database<PartitionEntry, string[]>;
  /** [next expiry, tenant, user] */
  readonly due: Database<true, (string | number)[]>;
}

/** The tables of an embedded store. Keys are ordered arrays, compared by the bytes of their parts. */
export interface Tables extends Places {
  readonly root: RootDatabase;
  /** Runs work in a transaction; the only way to write that no process which opens the store can undo. */
  write<T>(work: () => T): Promise<T>;
  /** The same for one write of LMDB's own, with no work of JavaScript in it. */
  direct<T>(put: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
  /** What lies apart for shared spaces, under the name of the space in the place of the user. */
  readonly shared: Places;
  /** [stream, group] */
  readonly audit: Database<Buffer, (string | number)[]>;
  /** ['format'], ['key', id], ['current', purpose], ['bound', name], ['erasures'], ['buried', key id] */
  readonly service: Database<unknown, string[]>;
  /** [namespace, key] */
  readonly values: Database<KeptValue, string[]>;
}

/** The format of the tables; another one is refused. */
export const FORMAT = 1;

// Linux magic numbers (statfs(2)): NFS, SMB, SMB2, CIFS, AFS, Coda, NCP, 9P, Ceph, Lustre, OCFS2, GFS2, FUSE. LMDB needs
// a shared memory map and file locks that hold, which these do not promise.
const NOT_LOCAL = new Set([
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x5346414f, 0x73757245, 0x564c, 0x01021997, 0x00c36400, 0x0bd00bd0,
  0x7461636f, 0x01161970, 0x65735546,
]);

// The first word of LMDB's data after the header of the page that it stands in (lmdb.h, MDB_MAGIC).
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;

/**
 * Opens the tables in a folder, which is made if it is not there (mode 0700).
 *
 * @param fileSystemType the type of the file system under a folder; for tests
 * @throws MemwardenError store_unsafe on a network file system, store_unavailable where the folder cannot be used,
 *   store_unwritable where its disk is full
 */
export async function openTables(path: string, fileSystemType = typeOf): Promise<Tables> {
  let gate: Gate | undefined;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (NOT_LOCAL.has((await fileSystemType(path)) >>> 0))
      throw new MemwardenError('store_unsafe', { argument: 'file system' });
    assertRoom(path);
    await mkdir(join(path, 'gate'), { recursive: true, mode: 0o700 });
    await refuseForeign(join(path, 'gate', 'data.mdb'));
    gate = await Gate.open(join(path, 'gate'));
    const entered = gate;
    return await gate.enter(async () => {
      await refuseForeign(join(path, 'data.mdb'));
      return tablesOf(path, entered);
    });
  } catch (error) {
    await gate?.close();
    throw openingError(error, 'store.path');
  }
}

function tablesOf(path: string, gate: Gate): Tables {
  const root = open({ ...SETTINGS, path, maxDbs: 24 });
  const writer = new Writer(gate, path, () => root);
  return {
    root,
    write: (work) => writer.write(work),
    direct: (put) => writer.direct(put),
    async close() {
      await writer.close();
      await root.close();
      await gate.close();
    },
    ...placesOf(root, ''),
    shared: placesOf(root, 'shared_'),
    audit: root.openDB({ name: 'audit', encoding: 'binary' }),
    service: root.openDB({ name: 'service' }),
    values: root.openDB({ name: 'values' }),
  };
}

function placesOf(root: RootDatabase, prefix: string): Places {
  return {
    memories: root.openDB({ name: `${prefix}memories` }),
    recent: root.openDB({ name: `${prefix}recent` }),
    history: root.openDB({ name: `${prefix}history` }),
    partitions: root.openDB({ name: `${prefix}partitions` }),
    due: root.openDB({ name: `${prefix}due` }),
  };
}

// LMDB, as bound here, ends the process where the file is none of its own.
async function refuseForeign(file: string): Promise<void> {
  const handle = await openFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    const header = Buffer.alloc(MAGIC_AT + 4);
    const read = await handle?.read(header, 0, header.length, 0);
    const foreign = read && read.bytesRead > 0 && header.readUInt32LE(MAGIC_AT) !== MAGIC;
    if (foreign) throw new MemwardenError('store_unavailable', { argument: 'store.path' });
  } finally {
    await handle?.close();
  }
}

async function typeOf(path: string): Promise<number> {
  return (await statfs(path)).type;
}
