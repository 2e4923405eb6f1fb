import { MemwardenError } from '../errors/memwarden-error.js';
import type { Embedding } from '../model/embedding.js';
import { SEALED, type FieldName, type MemoryRecord } from '../model/fields.js';
import { rank, type Level } from '../model/levels.js';
import type { Memory } from '../model/memory.js';
import type { KeyUse, PartitionSealer } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import { plannedInsert } from '../store/planned.js';
import type { Access, Use } from './access.js';
import {
  changedFields,
  livesLonger,
  livesShorter,
  merge,
  mergeOpen,
  passageOf,
  namedIn,
  usedBy,
  withVector,
  type Changes,
  type Draft,
} from './changes.js';
import { inTurn, leveled, raised, textShown } from './classified.js';
import type { GuardContext } from './context.js';
import { miss, nowhere, storedId } from './miss.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';
import { underKey } from './under-key.js';
import { Witness, type Carried } from './witness.js';

const ATTEMPTS = 5;
const CREATE: readonly Use[] = [{ action: 'create' }];
const UPDATED: KeyUse = { messages: 2 * SEALED.length, create: false };

/** Creating and updating: decided before and after. */
export class Writer {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
  }

  /** Creates memories of one partition, and answers with what of them may be read. */
  async create(access: Access, drafts: readonly Draft[], atomic: boolean): Promise<Memory[]> {
    return this.#store(access, drafts, atomic, (keys, binding, record, now, asked) =>
      this.#release.answer(keys, access, binding, record, now, record.sensitivity === asked.sensitivity),
    );
  }

  /** Creates memories of one partition, each on its own, and answers nothing. Of none it only asks whether any may be. */
  async importMany(access: Access, drafts: readonly Draft[]): Promise<void> {
    if (drafts.length === 0 && access.stands('create')) return;
    await this.#store(access, drafts, false, () => undefined);
  }

  // Decided on each record as it will be, before any is stored.
  async #store<T>(
    access: Access,
    drafts: readonly Draft[],
    atomic: boolean,
    answer: (keys: PartitionSealer, binding: Binding, record: MemoryRecord, now: Date, asked: MemoryRecord) => T,
  ): Promise<T[]> {
    const binding = access.binding();
    access.plan(binding, { action: 'create' });
    const now = this.#context.clock();
    const limitsFields = binding.hasFieldRules('create', access.subject);
    const asked = drafts.map((draft) => {
      const record = this.#toRecord(access, binding, draft, now);
      const uses = limitsFields ? [{ action: 'create', fields: namedIn(draft) } as const] : CREATE;
      if (!access.reaches(binding, record.sensitivity) || !access.fits(binding, record, now, uses))
        throw new MemwardenError('forbidden');
      return record;
    });
    if (!access.stands('create')) return nowhere(this.#context, access, binding, 'create');
    const decided = await inTurn(this.#context, asked, (record, n, slices) =>
      this.#raised(record, drafts[n] as Draft, now, slices),
    );
    const texts = decided.map((record, n) => passageOf(drafts[n]?.content, record));
    // What leaves is decided, and recorded, before it does (S27).
    const embedding = this.#context.passages?.prepare(texts);
    return this.#witness.change(
      access,
      binding,
      { action: 'create', records: decided, recipient: embedding?.recipient },
      async (carried) => {
        const vectors = (await embedding?.embed()) ?? [];
        return underKey(
          this.#context.sealer,
          access,
          { messages: drafts.length * SEALED.length, create: true },
          async (keys) => {
            const seal = (one: MemoryRecord, n: number) => keys.seal(one, withVector(drafts[n] ?? {}, vectors[n]));
            const records = await Slices.each(decided, seal);
            const insert = plannedInsert(access.partition, records, atomic, keys.epoch);
            await carried((join) => this.#context.store.insert(insert, join));
            return Slices.each(records, (record, n) => answer(keys, binding, record, now, asked[n] as MemoryRecord));
          },
        );
      },
      () => ({ outcome: 'allowed' }),
    );
  }

  /** Updates a memory; see DESIGN, "a write is checked before and after". */
  async update(access: Access, id: string, changes: Changes, ifVersion?: number): Promise<Memory> {
    const fields = namedIn(changes);
    const namesLevel = changes.sensitivity !== undefined;
    const read: Use = { action: 'read', fields: usedBy(fields, ifVersion) };
    const uses: readonly Use[] = [read, { action: 'update', fields }];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const binding = access.binding();
      const now = this.#context.clock();
      const query = access.query(binding, uses, now);
      if (changes.sensitivity && !access.reaches(binding, changes.sensitivity)) throw new MemwardenError('forbidden');
      const done = await underKey(this.#context.sealer, access, UPDATED, async (keys) => {
        const current = await this.#context.store.findOne(query, storedId(id));
        if (!current || !(await this.#release.admits(keys, access, binding, current, now, uses)))
          return this.#miss(keys, access, binding, id);
        const open = keys.open(current, SEALED);
        const changed = changedFields(current, open, changes, access.permittedFields(binding, current));
        if (ifVersion !== undefined && ifVersion !== current.version) {
          if (this.#decideChange(access, binding, read, current, merge(current, changes, changed, now), changed, now))
            throw new MemwardenError('conflict');
          return this.#miss(keys, access, binding, id);
        }
        if (changed.length === 0) {
          await this.#witness.read(access, binding, { action: 'read', act: 'update', records: [current] });
          return this.#release.answer(keys, access, binding, current, now, namesLevel);
        }
        const asked = merge(current, changes, changed, now);
        const decided = this.#decideChange(access, binding, read, current, asked, changed, now);
        if (!decided) return this.#miss(keys, access, binding, id);
        const nextOpen = mergeOpen(open, changes);
        const readable = access.permittedFields(binding, current);
        const shown = (field: FieldName) => changed.includes(field) || readable(field);
        const next = await leveled(this.#context, current, asked, changed, textShown(nextOpen, shown));
        const { passages, store } = this.#context;
        const texts = changed.includes('content') ? [passageOf(nextOpen.content, next)] : undefined;
        const embedding = texts && passages?.prepare(texts);
        const planned = access.query(binding, decided, now);
        const write = async (carried: Carried, under: PartitionSealer, vector?: Embedding) => {
          const record = under.seal(next, withVector(nextOpen, vector));
          const replacement = { current, kept: under.keep(current), next: record };
          if (!(await carried((join) => store.replace(planned, replacement, under.epoch, join)))) return undefined;
          const isAsked = namesLevel && next.sensitivity === asked.sensitivity;
          return this.#release.answer(under, access, binding, record, now, isAsked);
        };
        const change = (effect: (carried: Carried) => Promise<Memory | undefined>) =>
          this.#witness.change(
            access,
            binding,
            { action: 'update', records: [next], recipient: embedding?.recipient },
            effect,
            (memory) => (memory ? { outcome: 'allowed' } : { outcome: 'conflict', count: 0 }),
          );
        if (!embedding) return change((carried) => write(carried, keys));
        // Waited for when the keys have been put back: an embedder may take its time.
        return () =>
          change(async (carried) => {
            const [vector] = await embedding.embed();
            return underKey(this.#context.sealer, access, UPDATED, async (under) =>
              (await under.verify(current)) ? write(carried, under, vector) : undefined,
            );
          });
      });
      const answer = typeof done === 'function' ? await done() : done;
      if (answer) return answer;
    }
    throw new MemwardenError('conflict');
  }

  /**
   * Decides a change on the record before and after it.
   *
   * @returns the uses whose plans the write carries, or undefined where it is refused
   */
  #decideChange(
    access: Access,
    binding: Binding,
    read: Use,
    current: MemoryRecord,
    next: MemoryRecord,
    changed: readonly FieldName[],
    now: Date,
  ): readonly Use[] | undefined {
    const update: Use = { action: 'update', fields: changed };
    const step = rank(next.sensitivity) - rank(current.sensitivity);
    const freed: FieldName[] = [];
    if (step < 0) freed.push('sensitivity');
    if (livesLonger(current, next)) freed.push('expires_at');
    // S6, and its mirror: who may only update must not end a memory, and its history, by giving it a moment to live.
    const more: Use[] = freed.length ? [{ action: 'reclassify', fields: freed }] : [];
    const ends: Use[] = livesShorter(current, next) ? [{ action: 'delete' }] : [];
    const before = [read, update, ...more, ...ends];
    // At the lower level the author need not be one who updates there, but what else changed is an update all the same.
    const others = step < 0 ? changed.filter((field) => field !== 'sensitivity') : changed;
    const as: Use = step > 0 ? { action: 'create', fields: changed } : { action: 'update', fields: others };
    const after = [...(others.length > 0 || step > 0 ? [as] : []), ...more];
    if (!access.reaches(binding, next.sensitivity)) return undefined;
    if (before.some((use) => access.planOrNone(binding, use).kind === 'none')) return undefined;
    const isPermitted = access.permits(binding, current, now, before) && access.permits(binding, next, now, after);
    return isPermitted ? before : undefined;
  }

  async #raised(record: MemoryRecord, draft: Draft, now: Date, slices: Slices): Promise<MemoryRecord> {
    const next = await raised(this.#context, record, draft, slices);
    if (next === record || draft.expires_at !== undefined) return next;
    // A memory that names no expiry lives as long as those of its level do, but never longer than was decided on.
    const expires = this.#expiryOf(next.sensitivity, now);
    if (expires && !(record.expires_at && record.expires_at <= expires)) next.expires_at = expires;
    return next;
  }

  async #miss(keys: PartitionSealer, access: Access, binding: Binding, id: string): Promise<never> {
    await miss(this.#context, keys, access, binding, 'update', id);
    throw new MemwardenError('not_found');
  }

  #toRecord(access: Access, binding: Binding, draft: Draft, now: Date): MemoryRecord {
    const sensitivity = draft.sensitivity ?? binding.defaultLevel;
    const expires = draft.expires_at ?? this.#expiryOf(sensitivity, now);
    // Written out: an import makes one of these a memory, and copies of rest and spread were a twelfth of its time.
    const record: MemoryRecord = {
      id: draft.id,
      tenant: access.partition.tenant,
      user_id: access.partition.userId,
      sensitivity,
      category: draft.category,
      occurred_at: draft.occurred_at ?? now,
      created_at: now,
      updated_at: now,
      version: 1,
    };
    if (draft.agent_id !== undefined) record.agent_id = draft.agent_id;
    if (draft.app_id !== undefined) record.app_id = draft.app_id;
    if (access.author !== undefined) record.author = access.author;
    if (draft.session_id !== undefined) record.session_id = draft.session_id;
    if (expires !== undefined) record.expires_at = expires;
    return record;
  }

  #expiryOf(level: Level, now: Date): Date | undefined {
    const ttl = this.#context.defaultTtlMs[level];
    return ttl === undefined ? undefined : new Date(now.getTime() + ttl);
  }
}
