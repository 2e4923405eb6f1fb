import { setTimeout as sleep } from 'node:timers/promises';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord } from '../model/fields.js';
import type { Level } from '../model/levels.js';
import type { Memory } from '../model/memory.js';
import { isNone } from '../model/plan.js';
import { isPending } from '../model/sealer.js';
import type { Binding } from '../policy/binding.js';
import type { Position } from '../store/partition.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { Cursors } from './cursor.js';
import { ExportHolds, usesOfExport, type ExportedMemories } from './export-holds.js';
import { contextOf, mayTell, namesOf, type Exported, type ExportOrder, type ExportSink } from './export-order.js';
import { passes, type CompiledFilter } from './filter.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';
import type { Spaces } from './spaces.js';
import { EXPORTS } from './uses.js';
import { Witness } from './witness.js';

export type { Exported, ExportedMemories, ExportOrder, ExportSink };

const ATTEMPTS = 5;
const PATIENCE = 8;
const PAUSE_MS = 2;
const BATCH = 250;
/** What is held of one partition before it is released page by page. */
const HELD_BYTES = 1 << 20;
/** For how long what was found unchanged may wait for its turn. */
const FRESH_MS = 1_000;
const NEVER = Number.MAX_SAFE_INTEGER;

interface Pass {
  readonly binding: Binding;
  readonly revision: number;
  readonly epoch: number;
  /** Under which names the author that was asked for has written; undefined where all authors were. */
  readonly names: ReadonlySet<unknown> | undefined;
  readonly readAt: Date;
  /** Read and not yet on record. */
  records: Pick<MemoryRecord, 'id' | 'sensitivity'>[];
  count: number;
  levels: Partial<Record<Level, number>>;
  /** When the first of them expires. */
  expires: number;
  readonly slices: Slices;
}

/**
 * Exporting one partition: what may be read and exported, read again until nothing was written between the beginning and
 * the end. The partition's revision tells of that on every store alike, also where there are no transactions.
 */
export class Exporter {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;
  readonly #marks: Cursors;
  readonly #holds: ExportHolds;
  readonly #spaces: Spaces;

  constructor(context: GuardContext, release: Release, spaces: Spaces) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
    this.#marks = new Cursors(context.cursorKeys, context.clock);
    this.#spaces = spaces;
    this.#holds = new ExportHolds(context, release, this.#witness);
  }

  /** @throws MemwardenError export_unsettled where the partition was written at each of five attempts */
  async export(access: Access, order: ExportOrder, sink: ExportSink): Promise<Exported> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const done = await this.#attempt(access, order, sink);
      if (done) return done;
      await sink.discard();
    }
    throw new MemwardenError('export_unsettled');
  }

  /** Whether what was exported is still what is there and permitted: nothing written, erased, expired or decided anew. */
  async stands(there: Access, order: ExportOrder, mark: string): Promise<boolean> {
    const access = await this.#now(there);
    const binding = access.binding();
    if (order.author !== undefined && !mayTell(access, binding, order.author)) return false;
    let kept: readonly (string | number)[];
    try {
      kept = await this.#marks.open(contextOf(access, order, binding), mark);
    } catch (error) {
      if (isMemwardenError(error, 'invalid_cursor')) return false;
      throw error;
    }
    const [revision, epoch, expires] = kept;
    const now = [await this.#context.store.revision(access.partition), await this.#epochOf(access)];
    return now[0] === revision && now[1] === epoch && this.#context.clock().getTime() < Number(expires);
  }

  /** Whether memories that were exported may still be handed out; with `release` that is on record. */
  async holds(there: Access, memories: ExportedMemories): Promise<boolean> {
    const access = await this.#now(there);
    const { author, withheld } = memories;
    if (author !== undefined && !mayTell(access, access.binding(), author)) return false;
    return withheld === true || this.#holds.holds(access, memories);
  }

  // With what the access list says now. What policies refuse alone needs none.
  async #now(access: Access): Promise<Access> {
    const binding = access.binding();
    if (access.subject === 'Memory' || EXPORTS.some((use) => isNone(access.planOrNone(binding, use)))) return access;
    return this.#spaces.settled(access, EXPORTS);
  }

  async #attempt(access: Access, order: ExportOrder, sink: ExportSink): Promise<Exported | undefined> {
    const binding = access.binding();
    access.plan(binding, { action: 'export' });
    const revision = await this.#settled(access);
    if (revision === undefined) return undefined;
    const epoch = await this.#epochOf(access);
    // After the epoch: who is taken from the list later ends it.
    await access.refresh();
    const readAt = this.#context.clock();
    const { author } = order;
    const names = author === undefined ? undefined : namesOf(access, binding, author);
    const read = { records: [], count: 0, levels: {}, expires: NEVER };
    const pass: Pass = { binding, revision, epoch, names, readAt, ...read, slices: new Slices() };
    if (!(await this.#walk(access, order, pass, sink))) return undefined;
    if (!(await this.#isUnchanged(access, pass))) return undefined;
    const found = this.#context.clock().getTime();
    await this.#tell(access, order, pass);
    await sink.turn();
    const waited = this.#context.clock().getTime() - found;
    if (waited > FRESH_MS && !(await this.#isUnchanged(access, pass))) return undefined;
    await sink.release();
    const mark = await this.#marks.seal(contextOf(access, order, binding), [revision, epoch, pass.expires]);
    const withheld = author !== undefined && !access.stands('export') ? ({ withheld: true } as const) : {};
    return { readAt, count: pass.count, levels: pass.levels, policy: binding.revision, mark, ...withheld };
  }

  // A batch after the other, each under keys that are asked for anew: nobody holds a key for as long as a long export.
  // False where the access list has changed: no page is handed out that was decided under another one (S27).
  async #walk(access: Access, order: ExportOrder, pass: Pass, sink: ExportSink): Promise<boolean> {
    const { filter } = order;
    const uses = usesOfExport(filter.fields);
    const query = access.query(pass.binding, uses, pass.readAt, filter.predicates);
    let after: Position | undefined;
    do {
      const records = await this.#context.store.find(query, BATCH, after);
      const memories = await this.#opened(access, pass, filter, records, uses, sink.note);
      const held = memories.length > 0 ? sink.hold(memories) : 0;
      const last = records.length < BATCH ? undefined : records.at(-1);
      after = last && { occurredAt: last.occurred_at, id: last.id };
      if (held > HELD_BYTES) {
        await sink.turn();
        if (!(await this.#isListed(access, pass))) return false;
        await this.#tell(access, order, pass);
        await sink.release();
      }
    } while (after);
    return true;
  }

  async #opened(
    access: Access,
    pass: Pass,
    filter: CompiledFilter,
    records: readonly MemoryRecord[],
    uses: readonly Use[],
    note: ExportSink['note'],
  ): Promise<Memory[]> {
    const memories: Memory[] = [];
    if (records.length === 0) return memories;
    // Each page is decided when it is read (S27); what expired since the beginning is in none.
    const now = this.#context.clock();
    await this.#context.sealer.reading(access, async (keys) => {
      for (const record of records) {
        const turn = pass.slices.turn();
        if (turn) await turn;
        if (record.expires_at && record.expires_at <= now) continue;
        const admitted = this.#release.admits(keys, access, pass.binding, record, now, uses);
        if (!(isPending(admitted) ? await admitted : admitted)) continue;
        if (pass.names && !pass.names.has(record.author)) continue;
        const memory = this.#release.open(keys, access, pass.binding, record);
        if (!passes(filter, memory, record)) continue;
        note?.(record.id, this.#release.shown(access, pass.binding, record), record.author);
        memories.push(memory);
        pass.records.push({ id: record.id, sensitivity: record.sensitivity });
        pass.expires = Math.min(pass.expires, record.expires_at?.getTime() ?? NEVER);
      }
    });
    return memories;
  }

  // On record before it is released (S24), and a user of whom there is nothing in no record of a release.
  async #tell(access: Access, { recipient, author }: ExportOrder, pass: Pass): Promise<void> {
    const records = pass.records as MemoryRecord[];
    await this.#witness.read(access, pass.binding, { action: 'export', records, recipient });
    // What a user wrote is told of as that user's too: it belongs into the accounting of disclosures.
    const authored = { action: 'export', act: 'export.authored', records, recipient, owner: author } as const;
    if (author !== undefined && records.length > 0) await this.#witness.read(access, pass.binding, authored);
    pass.count += records.length;
    for (const { sensitivity } of records) pass.levels[sensitivity] = (pass.levels[sensitivity] ?? 0) + 1;
    pass.records = [];
  }

  async #isUnchanged(access: Access, pass: Pass): Promise<boolean> {
    const { binding, revision, expires } = pass;
    if (access.binding().revision !== binding.revision || !(await this.#isListed(access, pass))) return false;
    return (
      (await this.#context.store.revision(access.partition)) === revision && this.#context.clock().getTime() < expires
    );
  }

  // Every change of an access list ends the epoch of its space's key.
  async #isListed(access: Access, { epoch }: Pass): Promise<boolean> {
    return access.subject === 'Memory' || (await this.#epochOf(access)) === epoch;
  }

  // A write that is under way ends in a moment; one whose writer died is ended by who comes next.
  async #settled(access: Access): Promise<number | undefined> {
    for (let attempt = 0; attempt < PATIENCE; attempt += 1) {
      const revision = await this.#context.store.revision(access.partition);
      if (revision !== undefined) return revision;
      await sleep(PAUSE_MS << attempt);
    }
    return undefined;
  }

  async #epochOf({ partition }: Access): Promise<number> {
    return (await this.#context.keyEpoch?.(partition)) ?? 0;
  }
}
