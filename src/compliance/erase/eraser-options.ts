import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import type { Ledger } from '../../crypto/ledger.js';
import type { Clock } from '../../model/clock.js';
import type { ErasureHead, ErasureRequester, LeftSpace } from '../../model/erasure.js';
import type { KeyStore } from '../../model/key-store.js';
import type { Partition } from '../../model/partition.js';
import type { UserTraces } from '../../model/user-traces.js';
import type { MaintenanceStore } from '../../store/maintenance.js';

/** Adds to what an erasure did in a space, with the ids of what the user's memories there were sealed with. */
export type NoteLeft = (left: LeftSpace, ids: readonly string[]) => Promise<void>;

/** What erasing stands on. */
export interface EraserOptions {
  readonly store: KeyStore;
  readonly rings: { drop(partition: Partition): void };
  readonly instance: InstanceKeys;
  readonly ledger: Ledger;
  readonly maintenance: MaintenanceStore;
  readonly head: ErasureHead;
  readonly traces: UserTraces;
  readonly clock: Clock;
  /** Longer than any process holds an unwrapped key (S22), in milliseconds. */
  readonly waitMs: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly retentionDays: number;
  /** Takes the user from shared spaces; and, when nobody holds a key of theirs any more, what came in between. */
  readonly leave?: {
    begin(user: Partition, note: NoteLeft): Promise<void>;
    settle(user: Partition, note: NoteLeft): Promise<void>;
  };
  /** Called between the steps; for tests that stop there. */
  readonly step?: (name: string) => void | Promise<void>;
}

/** Who asks for an erasure, and under which policies it was allowed. */
export interface ErasureOrder {
  readonly principal: ErasureRequester;
  readonly policyRevision: string;
}
