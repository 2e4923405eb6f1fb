import type { MemoryRecord, OpenFields, SealedName } from '../../model/fields.js';
import type { PartitionOpener, PartitionSealer, RecordKind } from '../../model/sealer.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { DerivedKeys } from '../seal/key-schedule.js';
import {
  buryRecord,
  keepState,
  openRecord,
  sealRecord,
  verifyClear,
  verifyRecord,
  verifyState,
} from '../seal/record-sealer.js';

/** Finds the keys of a version that is not at hand: unwraps it, or reads the key record again. */
export type KeyFinder = (keyId: string) => Promise<DerivedKeys | undefined>;

/** The keys of one partition for one act. */
export class Opener implements PartitionOpener {
  readonly erasing: boolean;
  readonly #atHand: (keyId: string) => DerivedKeys | undefined;
  readonly #find: KeyFinder;

  constructor(erasing: boolean, atHand: (keyId: string) => DerivedKeys | undefined, find: KeyFinder) {
    this.erasing = erasing;
    this.#atHand = atHand;
    this.#find = find;
  }

  verify(record: MemoryRecord): boolean | Promise<boolean> {
    return this.#under(record.key_id, (keys) => verifyRecord(keys, record));
  }

  verifyState(record: MemoryRecord, deletedAt?: Date): boolean | Promise<boolean> {
    return this.#under(record.key_id, (keys) => verifyState(keys, record, deletedAt));
  }

  verifyClear(fields: Readonly<Record<string, unknown>>): boolean | Promise<boolean> {
    return this.#under(fields['key_id'], (keys) => verifyClear(keys, fields));
  }

  open(record: MemoryRecord, fields: readonly SealedName[], kind?: RecordKind): OpenFields {
    return openRecord(this.keysOf(record), record, fields, kind);
  }

  /** The keys that a verified record was sealed with. */
  protected keysOf(record: MemoryRecord): DerivedKeys {
    const keys = record.key_id === undefined ? undefined : this.#atHand(record.key_id);
    if (!keys) throw new MemwardenError('unauthentic');
    return keys;
  }

  #under(keyId: unknown, check: (keys: DerivedKeys) => boolean): boolean | Promise<boolean> {
    if (typeof keyId !== 'string') return false;
    const keys = this.#atHand(keyId);
    if (keys) return check(keys);
    return this.#find(keyId).then((found) => found !== undefined && check(found));
  }
}

/** The same, with the key version in use. */
export class SealingOpener extends Opener implements PartitionSealer {
  readonly epoch: number;
  readonly #current: DerivedKeys | undefined;

  constructor(epoch: number, current: DerivedKeys | undefined, ...opener: ConstructorParameters<typeof Opener>) {
    super(...opener);
    this.epoch = epoch;
    this.#current = current;
  }

  seal(record: MemoryRecord, fields: OpenFields): MemoryRecord {
    return sealRecord(this.#inUse(), record, fields);
  }

  keep(record: MemoryRecord): MemoryRecord {
    return keepState(this.keysOf(record), record, this.#inUse());
  }

  bury(record: MemoryRecord, deletedAt: Date): MemoryRecord {
    return buryRecord(this.keysOf(record), record, deletedAt, this.#inUse());
  }

  #inUse(): DerivedKeys {
    // Of a user without keys nothing can have been verified, so that there is nothing to seal.
    if (!this.#current) throw new MemwardenError('internal');
    return this.#current;
  }
}
