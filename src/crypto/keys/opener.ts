import type { MemoryRecord, OpenFields, SealedName } from '../../model/fields.js';
import type { PartitionOpener, PartitionSealer, RecordKind } from '../../model/sealer.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { DerivedKeys } from '../seal/key-schedule.js';
import { DECOY } from '../seal/decoy.js';
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
export type KeyFinder = (keyId: string, author?: unknown) => Promise<DerivedKeys | undefined>;

/** The keys of a version that is at hand, for what an author wrote. */
export type KeysAtHand = (keyId: string, author?: unknown) => DerivedKeys | undefined;

/** The keys of one partition for one act. */
export class Opener implements PartitionOpener {
  readonly erasing: boolean;
  readonly isOver: () => boolean;
  readonly #atHand: KeysAtHand;
  readonly #find: KeyFinder;
  readonly #any: () => DerivedKeys | undefined;

  /** @param any keys such as a record is sealed with now, where they are at hand */
  constructor(
    erasing: boolean,
    atHand: KeysAtHand,
    find: KeyFinder,
    any: () => DerivedKeys | undefined,
    isOver: () => boolean,
  ) {
    this.erasing = erasing;
    this.isOver = isOver;
    this.#atHand = atHand;
    this.#find = find;
    this.#any = any;
  }

  verify(record: MemoryRecord): boolean | Promise<boolean> {
    return this.#under(record, (keys) => verifyRecord(keys, record));
  }

  verifyState(record: MemoryRecord, deletedAt?: Date): boolean | Promise<boolean> {
    return this.#under(record, (keys) => verifyState(keys, record, deletedAt));
  }

  verifyClear(fields: Readonly<Record<string, unknown>>): boolean | Promise<boolean> {
    return this.#under(fields, (keys) => verifyClear(keys, fields));
  }

  verifyNothing(): void {
    const keys = this.#any();
    if (keys) verifyClear(keys, DECOY);
  }

  open(record: MemoryRecord, fields: readonly SealedName[], kind?: RecordKind): OpenFields {
    return openRecord(this.keysOf(record), record, fields, kind);
  }

  /** The keys that a verified record was sealed with. */
  protected keysOf(record: MemoryRecord): DerivedKeys {
    const keys = record.key_id === undefined ? undefined : this.keys(record.key_id, record.author);
    if (!keys) throw new MemwardenError('unauthentic');
    return keys;
  }

  /** The keys of a version, where they are at hand. */
  protected keys(keyId: string, author: unknown): DerivedKeys | undefined {
    return this.#atHand(keyId, author);
  }

  #under(
    { key_id: keyId, author }: { readonly key_id?: unknown; readonly author?: unknown },
    check: (keys: DerivedKeys) => boolean,
  ): boolean | Promise<boolean> {
    if (typeof keyId !== 'string') return false;
    const keys = this.#atHand(keyId, author);
    if (keys) return check(keys);
    return this.#find(keyId, author).then((found) => found !== undefined && check(found));
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
    return sealRecord(this.#keysFor(record), record, fields);
  }

  keep(record: MemoryRecord): MemoryRecord {
    return keepState(this.keysOf(record), record, this.#keysFor(record));
  }

  bury(record: MemoryRecord, deletedAt: Date): MemoryRecord {
    return buryRecord(this.keysOf(record), record, deletedAt, this.#keysFor(record));
  }

  #keysFor({ author }: MemoryRecord): DerivedKeys {
    // Of a user without keys nothing can have been verified, so that there is nothing to seal.
    if (!this.#current) throw new MemwardenError('internal');
    if (author === undefined) return this.#current;
    const keys = this.keys(this.#current.keyId, author);
    // The author was let in, or erased, since the key record at hand was read.
    if (!keys) throw new MemwardenError('epoch_over');
    return keys;
  }
}
