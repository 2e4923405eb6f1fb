import { isMemwardenError } from '../errors/memwarden-error.js';
import type { Alarms } from '../metrics/alarms.js';
import type { Clock } from '../model/clock.js';
import { mayLeave, type Disclosing, type DisclosureSettings } from '../model/disclosure.js';
import type { Embedder } from '../model/embedder.js';
import { RELEASED, SEALED, type MemoryRecord, type OpenFields } from '../model/fields.js';
import type { Partition } from '../model/partition.js';
import type { PartitionOpener, Sealer } from '../model/sealer.js';
import { isWellFormed } from '../model/well-formed.js';
import type { MaintenanceStore } from '../store/maintenance.js';

const PARTITIONS = 200;
const BATCH = 64;

/** What embedding did so far. */
export interface EmbedCounts {
  /** Memories that got a vector, or one of another model than before. */
  readonly embedded: number;
  /** Memories whose vector was of the model already. */
  readonly current: number;
  /** Memories whose level may not leave for the embedder. */
  readonly withheld: number;
  /** Memories whose text the embedder gave no vector for; they are found by their words. */
  readonly refused: number;
  /** Memories that changed meanwhile; the write that changed them embedded them, or the next run does. */
  readonly changed: number;
  /** Users whose keys their owners hold, or who are being erased. */
  readonly locked: number;
}

/** What embedding did. */
export interface EmbedResult extends EmbedCounts {
  /** False where it was ended before it had looked at all. */
  readonly complete: boolean;
}

/** How far an act of embedding is. */
export interface EmbedProgress extends EmbedCounts {
  /** Memories that were looked at. */
  readonly seen: number;
  /** About how many there are. */
  readonly total: number;
}

/** How an act of embedding is watched and ended. */
export interface EmbedOptions {
  readonly onProgress?: ((progress: EmbedProgress) => void) | undefined;
  /** Ends it after the batch. */
  readonly signal?: AbortSignal | undefined;
}

/** What the act stands on. */
export interface EmbedSetting extends EmbedOptions {
  readonly store: MaintenanceStore;
  readonly sealer: Sealer;
  readonly embedder: Embedder;
  readonly disclosure: DisclosureSettings;
  readonly alarms: Alarms;
  readonly clock: Clock;
  /** Tells of text before it leaves. */
  readonly disclosing: Disclosing;
}

/**
 * Gives every memory a vector of the model in use, partition by partition in bounded batches, while others read and
 * write (S16: sealed rows in, sealed rows out). What is done is done: it can be ended at any time, and goes on where it
 * stopped, for it passes over what has its vector. No text leaves that may not (S27).
 *
 * @throws MemwardenError embedder_unavailable, embedder_timeout, embedder_busy, missing_package; store_*, kms_*
 */
export async function embedAll(setting: EmbedSetting): Promise<EmbedResult> {
  const { store, signal, onProgress } = setting;
  const isStopped = () => signal?.aborted ?? false;
  const counts = { embedded: 0, current: 0, withheld: 0, refused: 0, changed: 0, locked: 0 };
  const total = await store.estimate();
  let seen = 0;
  let after: Partition | undefined;
  try {
    for (;;) {
      const partitions = await store.partitions(after, PARTITIONS);
      for (const partition of partitions) {
        const onBatch = (memories: number) => {
          seen += memories;
          onProgress?.({ ...counts, seen, total });
        };
        await embedPartition(setting, partition, counts, onBatch, isStopped);
        if (isStopped()) return { ...counts, complete: false };
      }
      after = partitions.at(-1);
      if (partitions.length < PARTITIONS) return { ...counts, complete: true };
    }
  } catch (error) {
    // The wait for the embedder was ended, and that is no failure of it.
    if (isStopped()) return { ...counts, complete: false };
    throw error;
  }
}

interface Candidate {
  readonly record: MemoryRecord;
  readonly open: OpenFields;
  readonly content: string;
}
type Counts = { -readonly [name in keyof EmbedCounts]: number };

async function embedPartition(
  setting: EmbedSetting,
  partition: Partition,
  counts: Counts,
  onBatch: (memories: number) => void,
  isStopped: () => boolean,
): Promise<void> {
  let last: MemoryRecord | undefined;
  const before = counts.embedded;
  try {
    while (!isStopped()) {
      const records = await setting.store.memories(partition, last, BATCH);
      last = records.at(-1);
      if (!last) break;
      await embedSome(setting, partition, records, counts);
      onBatch(records.length);
    }
  } catch (error) {
    // Its owner holds the key, or it is being erased: nothing of it can be opened here.
    const isLocked = isMemwardenError(error, 'owner_key_required') || isMemwardenError(error, 'erasing');
    if (!isLocked) throw error;
    counts.locked += 1;
  } finally {
    if (counts.embedded > before) await setting.store.touch(partition);
  }
}

// Keys are at hand while records are opened and while they are sealed, not while an embedder is waited for.
async function embedSome(
  setting: EmbedSetting,
  partition: Partition,
  records: readonly MemoryRecord[],
  counts: Counts,
): Promise<void> {
  const { embedder, sealer, store } = setting;
  const candidates = await sealer.reading({ partition }, async (keys) => {
    const found: Candidate[] = [];
    for (const record of records) {
      const candidate = await candidateOf(setting, keys, partition, record, counts);
      if (candidate) found.push(candidate);
    }
    return found;
  });
  if (candidates.length === 0) return;
  const { recipient } = embedder;
  if (recipient !== undefined) {
    const sent = candidates.map(({ record }) => record);
    await setting.disclosing({ owner: partition.userId, recipient, act: 'embed', records: sent });
  }
  const vectors = await vectorsFor(setting, candidates);
  const made = candidates.flatMap(({ record, open }, i) => {
    const values = vectors[i];
    return values ? [{ record, open: { ...open, vector: { modelId: embedder.modelId, values } } }] : [];
  });
  const use = { messages: made.length * SEALED.length, create: false };
  const done = await sealer.writing({ partition }, use, (keys) =>
    store.reseal(
      partition,
      made.map(({ record, open }) => ({ row: { place: 'memory', record }, next: keys.seal(record, open) })),
    ),
  );
  counts.embedded += done;
  counts.changed += made.length - done;
  counts.refused += candidates.length - made.length;
}

// S1, S12, S19: nothing of a record that is malformed, expired or not authentic is opened, and none of it leaves.
async function candidateOf(
  { embedder, disclosure, alarms, clock }: EmbedSetting,
  keys: PartitionOpener,
  partition: Partition,
  record: MemoryRecord,
  counts: Counts,
): Promise<Candidate | undefined> {
  const now = clock();
  const isOwn = record.user_id === partition.userId && record.tenant === partition.tenant;
  const isSound = isOwn && isWellFormed(record as unknown as Readonly<Record<string, unknown>>);
  if (!isSound || !(await keys.verify(record))) {
    if (!keys.erasing) alarms.raise('malformed_record', now, { id: record.id });
    return undefined;
  }
  if (record.expires_at !== undefined && record.expires_at <= now) return undefined;
  if (!mayLeave(record.sensitivity, embedder, disclosure)) {
    counts.withheld += 1;
    return undefined;
  }
  const { vector } = keys.open(record, ['vector']);
  const fits = embedder.dimension === undefined || vector?.values.length === embedder.dimension;
  if (vector?.modelId === embedder.modelId && fits) {
    counts.current += 1;
    return undefined;
  }
  const open = keys.open(record, RELEASED);
  return open.content === undefined ? undefined : { record, open, content: open.content };
}

// One text that the embedder makes nothing of must not keep the others from being embedded.
async function vectorsFor(
  { embedder, signal }: EmbedSetting,
  candidates: readonly Candidate[],
): Promise<readonly (Float32Array | undefined)[]> {
  const embed = (texts: readonly string[]) => embedder.embed(texts, 'passage', signal);
  try {
    return await embed(candidates.map(({ content }) => content));
  } catch (error) {
    if (!isMemwardenError(error, 'embedder_refused')) throw error;
    const alone: (Float32Array | undefined)[] = [];
    for (const { content } of candidates) {
      const [vector] = await embed([content]).catch((refusal: unknown) => {
        if (isMemwardenError(refusal, 'embedder_refused')) return [];
        throw refusal;
      });
      alone.push(vector);
    }
    return alone;
  }
}
