import { MemwardenError } from '../errors/memwarden-error.js';
import { isOverruled } from '../model/classifier.js';
import { SEALED, type FieldName, type MemoryRecord } from '../model/fields.js';
import { rank, type Level } from '../model/levels.js';
import type { PartitionOpener } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { Access, Use } from './access.js';
import { merge } from './changes.js';
import { classification, textShown } from './classified.js';
import type { GuardContext } from './context.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';
import type { Spaces } from './spaces.js';
import { underKey } from './under-key.js';
import { Witness } from './witness.js';

/** A memory that a classifier raises, or would raise. */
export interface Raise {
  readonly id: string;
  readonly from: Level;
  readonly to: Level;
  /** The rule of the classifier. */
  readonly ruleId: string;
}

const ATTEMPTS = 5;
const BATCH = 250;
// Its outcome tells of the text, of the level and of their order (S7).
const READ: readonly FieldName[] = [...SEALED, 'sensitivity', 'classified_by', 'occurred_at'];
const USES: readonly Use[] = [
  { action: 'read', fields: READ },
  { action: 'update', fields: ['sensitivity'] },
];

interface Found extends Raise {
  readonly record: MemoryRecord;
}

/**
 * Classifying what is stored. It is an ordinary guarded update of memories that the caller may read and update, not an
 * act of maintenance (S16), because it opens their text.
 */
export class Sweeper {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #spaces: Spaces;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release, spaces: Spaces) {
    this.#context = context;
    this.#release = release;
    this.#spaces = spaces;
    this.#witness = new Witness(context);
  }

  async *classify(asked: Access, dryRun: boolean): AsyncGenerator<Raise, void, undefined> {
    for (let pass = 0; pass < ATTEMPTS; pass += 1) {
      let missed = 0;
      let after: Position | undefined;
      do {
        // Decided anew for each batch, as a page of a list is; of a space the list is asked again.
        const access = asked.subject === 'Memory' ? asked : await this.#spaces.settled(asked, USES);
        const binding = access.binding();
        const now = this.#context.clock();
        const query = access.query(binding, USES, now);
        const records = await this.#context.store.find(query, BATCH, after);
        const found = await this.#context.sealer.reading(access, (keys) =>
          this.#found(keys, access, binding, records, now),
        );
        const done = await this.#told(access, binding, found, dryRun);
        missed += found.length - done.length;
        yield* done;
        const last = records.length < BATCH ? undefined : records.at(-1);
        after = last && { occurredAt: last.occurred_at, id: last.id };
      } while (after);
      // What changed in between is looked at again.
      if (missed === 0) return;
    }
    throw new MemwardenError('conflict');
  }

  // What would be raised, or that nothing would, is told to the caller: that is a read.
  async #told(access: Access, binding: Binding, found: readonly Found[], dryRun: boolean): Promise<readonly Raise[]> {
    const records = found.map(({ record }) => record);
    if (dryRun || found.length === 0) {
      await this.#witness.read(access, binding, { action: 'read', act: 'classify', records });
      return found.map(({ record: _, ...raise }) => raise);
    }
    return this.#witness.change(
      access,
      binding,
      { action: 'update', act: 'classify', records },
      async () => {
        const done: Raise[] = [];
        for (const { record, ...raise } of found) {
          if (await this.#raise(access, binding, record, raise)) done.push(raise);
        }
        return done;
      },
      ({ length }) => ({ outcome: length === found.length ? 'allowed' : 'conflict', count: length }),
    );
  }

  async #found(
    keys: PartitionOpener,
    access: Access,
    binding: Binding,
    records: readonly MemoryRecord[],
    now: Date,
  ): Promise<Found[]> {
    const found: Found[] = [];
    const slices = new Slices();
    for (const record of records) {
      const turn = slices.turn();
      if (turn) await turn;
      if (!(await this.#release.admits(keys, access, binding, record, now, USES))) continue;
      const open = keys.open(record, SEALED);
      const said = await classification(
        this.#context,
        textShown(open, () => true),
        slices,
      );
      if (!said || rank(said.level) <= rank(record.sensitivity)) continue;
      if (isOverruled(record.classified_by, said.ruleId)) continue;
      found.push({ record, id: record.id, from: record.sensitivity, to: said.level, ruleId: said.ruleId });
    }
    return found;
  }

  async #raise(access: Access, binding: Binding, current: MemoryRecord, raise: Raise): Promise<boolean> {
    const now = this.#context.clock();
    const use = { messages: 2 * SEALED.length, create: false };
    return underKey(this.#context.sealer, access, use, async (keys) => {
      // The key may be another one than it was found under.
      if (!(await keys.verify(current))) return false;
      const open = keys.open(current, SEALED);
      const next = { ...merge(current, {}, [], now), sensitivity: raise.to, classified_by: raise.ruleId };
      const replacement = { current, kept: keys.keep(current), next: keys.seal(next, open) };
      return this.#context.store.replace(access.query(binding, USES, now), replacement, keys.epoch);
    });
  }
}
