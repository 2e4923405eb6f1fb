import type { MemoryRecord } from '../../model/fields.js';
import type { Resealing, RowCount, SealedRow } from '../maintenance.js';
import type { Partition } from '../partition.js';
import type { StateEntry, Tables } from './environment.js';
import { ofPartition } from './ranges.js';

/** Sealed rows on the embedded store: counted, deleted, and put under another key. */
export class EmbeddedSealedRows {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  partitions(after: Partition | undefined, limit: number): Partition[] {
    this.#tables.root.resetReadTxn();
    const start = after ? { start: [after.tenant, after.userId] } : {};
    const found: Partition[] = [];
    for (const [tenant = '', userId = ''] of this.#tables.partitions.getKeys({ ...start, limit: limit + 1 })) {
      if (after?.tenant === tenant && after.userId === userId) continue;
      if (found.length < limit) found.push({ tenant, userId });
    }
    return found;
  }

  estimate(): number {
    this.#tables.root.resetReadTxn();
    return this.#tables.memories.getKeysCount();
  }

  memories(partition: Partition, after: MemoryRecord | undefined, limit: number): MemoryRecord[] {
    this.#tables.root.resetReadTxn();
    const { start, end } = ofPartition(partition);
    const from = after ? [...start, after.id] : start;
    const rows = this.#tables.memories.getRange({ start: from, end, limit: limit + 1 });
    const found = [...rows].map(({ value }) => value).filter(({ id }) => id !== after?.id);
    return found.slice(0, limit);
  }

  touch({ tenant, userId }: Partition): Promise<void> {
    return this.#tables.write(() => {
      const row = this.#tables.partitions.get([tenant, userId]);
      if (row) this.#tables.partitions.putSync([tenant, userId], { ...row, revision: row.revision + 1 });
    });
  }

  fence({ tenant, userId }: Partition, epoch: number): Promise<void> {
    return this.#tables.write(() => {
      const before = this.#tables.partitions.get([tenant, userId]) ?? { revision: 0, createdAt: new Date() };
      if ((before.fence ?? 0) >= epoch) return;
      this.#tables.partitions.putSync([tenant, userId], { ...before, fence: epoch });
    });
  }

  bury(keyIds: readonly string[]): Promise<void> {
    return this.#tables.write(() => {
      for (const keyId of keyIds) this.#tables.service.putSync(['buried', keyId], true);
    });
  }

  tally(partition: Partition): RowCount {
    this.#tables.root.resetReadTxn();
    const { memories, history } = this.#tables;
    return {
      memories: memories.getKeysCount(ofPartition(partition)),
      states: history.getKeysCount(ofPartition(partition)),
    };
  }

  sweep(partition: Partition, limit: number, keyIds?: readonly string[]): Promise<RowCount> {
    const { tenant, userId } = partition;
    const goes = (record: MemoryRecord) => keyIds === undefined || keyIds.includes(record.key_id ?? '');
    return this.#tables.write(() => {
      const { memories, history, recent } = this.#tables;
      const gone = [
        ...memories
          .getRange(ofPartition(partition))
          .filter(({ value }) => goes(value))
          .slice(0, limit),
      ];
      for (const { key, value } of gone) {
        const at: unknown = value.occurred_at;
        if (at instanceof Date) recent.removeSync([tenant, userId, at.getTime(), value.id]);
        memories.removeSync(key);
      }
      const states = [
        ...history
          .getRange(ofPartition(partition))
          .filter(({ value }) => goes(value.record))
          .slice(0, limit),
      ];
      for (const { key } of states) history.removeSync(key);
      return { memories: gone.length, states: states.length };
    });
  }

  forget({ tenant, userId }: Partition): Promise<void> {
    return this.#tables.write(() => {
      const { partitions, due, recent } = this.#tables;
      const row = partitions.get([tenant, userId]);
      if (row?.nextExpiry !== undefined) due.removeSync([row.nextExpiry, tenant, userId]);
      // Of rows that were planted or half there.
      for (const key of [...recent.getKeys(ofPartition({ tenant, userId }))]) recent.removeSync(key);
      partitions.removeSync([tenant, userId]);
    });
  }

  partitionsUnder(keyIds: readonly string[], limit: number): Partition[] {
    this.#tables.root.resetReadTxn();
    const found = new Map<string, Partition>();
    const wanted = new Set(keyIds);
    const note = (record: MemoryRecord): boolean => {
      if (record.key_id === undefined || !wanted.has(record.key_id)) return false;
      found.set(`${record.tenant}/${record.user_id}`, { tenant: record.tenant, userId: record.user_id });
      return found.size === limit;
    };
    for (const { value } of this.#tables.memories.getRange()) if (note(value)) break;
    if (found.size < limit) for (const { value } of this.#tables.history.getRange()) if (note(value.record)) break;
    return [...found.values()];
  }

  rowsNotUnder(partition: Partition, keyId: string | undefined, limit: number): SealedRow[] {
    this.#tables.root.resetReadTxn();
    const rows: SealedRow[] = [];
    for (const { value } of this.#tables.memories.getRange(ofPartition(partition))) {
      if (isUnder(value, keyId)) continue;
      if (rows.push({ place: 'memory', record: value }) === limit) return rows;
    }
    for (const { value } of this.#tables.history.getRange(ofPartition(partition))) {
      if (isUnder(value.record, keyId)) continue;
      if (rows.push({ place: 'state', ...value }) === limit) return rows;
    }
    return rows;
  }

  countNotUnder(partition: Partition, keyId: string | undefined): number {
    this.#tables.root.resetReadTxn();
    let count = 0;
    for (const { value } of this.#tables.memories.getRange(ofPartition(partition)))
      if (!isUnder(value, keyId)) count += 1;
    for (const { value } of this.#tables.history.getRange(ofPartition(partition)))
      if (!isUnder(value.record, keyId)) count += 1;
    return count;
  }

  reseal({ tenant, userId }: Partition, changes: readonly Resealing[]): Promise<number> {
    const isSame = (stored: MemoryRecord | undefined, { row }: Resealing) =>
      stored !== undefined &&
      stored.version === row.record.version &&
      stored.key_id === row.record.key_id &&
      (stored.seal === undefined) === (row.record.seal === undefined);
    return this.#tables.write(() => {
      let done = 0;
      for (const change of changes) {
        const { row, next } = change;
        const { id, version } = row.record;
        if (row.place === 'memory') {
          if (!isSame(this.#tables.memories.get([tenant, userId, id]), change)) continue;
          this.#tables.memories.putSync([tenant, userId, id], next);
        } else {
          const key = [tenant, userId, id, row.deletedAt ? 'deleted' : version];
          const stored = this.#tables.history.get(key);
          if (!stored || !isSame(stored.record, change)) continue;
          const state: StateEntry = { ...stored, record: next };
          this.#tables.history.putSync(key, state);
        }
        done += 1;
      }
      return done;
    });
  }
}

// With `undefined`: whether it is under any key.
function isUnder(record: MemoryRecord, keyId: string | undefined): boolean {
  return keyId === undefined ? record.key_id !== undefined : record.key_id === keyId;
}
