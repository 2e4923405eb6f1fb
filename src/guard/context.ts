import type { Alarms } from '../metrics/alarms.js';
import type { Auditor } from '../model/auditor.js';
import type { Classify, SteppedClassifier } from '../model/classifier.js';
import type { Clock } from '../model/clock.js';
import type { CursorKeys } from '../model/cursor-keys.js';
import type { Passages } from '../model/embedder.js';
import type { Level } from '../model/levels.js';
import type { Sealer } from '../model/sealer.js';
import type { Semantics } from '../search/semantic.js';
import type { PolicyEngine } from '../policy/engine.js';
import type { KeyEpoch } from './view-keys.js';
import type { PlannedStore } from '../store/planned.js';
import type { Shadow } from './shadow.js';
import type { Partition } from '../store/partition.js';
import type { SpaceLists } from '../model/space-lists.js';

/** What the guard stands on. The composition root hands it over; nothing else reaches the store. */
export interface GuardContext {
  /** Whose partitions these are. */
  readonly tenant: string;
  readonly policy: PolicyEngine;
  readonly store: PlannedStore;
  readonly sealer: Sealer;
  readonly auditor: Auditor;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly cursorKeys: CursorKeys;
  /** By how much an acknowledged write raises the revision of its partition; unknown where not given. */
  readonly raises?: number;
  /** The epoch of a user's key record; where it is not given nothing tells of keys. */
  readonly keyEpoch?: KeyEpoch;
  /** How many bytes of memory the indexes of searches may take; 256 MiB where not given. */
  readonly searchIndexBytes?: number;
  /** What searches by meaning need; absent where there is no embedder. */
  readonly semantics?: Semantics;
  /** Embeds what is written; absent where there is no embedder. */
  readonly passages?: Passages;
  /** What shared spaces need; without it there are none. */
  readonly spaces?: {
    readonly lists: SpaceLists;
    /** Ends what is decided and not stored: no write of before lands in the partition any more. */
    readonly pass: (partition: Partition) => Promise<void>;
    /** Makes the secret that what an author writes in a space is sealed with. */
    readonly letIn: (partition: Partition, secretId: string) => Promise<void>;
  };
  /** How long a new memory of a level lives where it names no expiry, in milliseconds. */
  readonly defaultTtlMs: Readonly<Partial<Record<Level, number>>>;
  /** A candidate set of policies that is asked beside the live one and never decides. */
  readonly shadow?: Shadow | undefined;
  /** Says which level a text asks for; absent where levels are what callers say. */
  readonly classify?: Classify | SteppedClassifier | undefined;
  /** How long a classifier may take, in milliseconds; 5 seconds. */
  readonly classifyTimeoutMs?: number | undefined;
}
