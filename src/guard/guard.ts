import { LRUCache } from 'lru-cache';
import { atMost } from '../model/at-most.js';
import { toOwner } from '../model/owner.js';
import { originOf, principalKey, toPrincipal, type Principal } from '../model/principal.js';
import type { ActionOf } from '../model/actions.js';
import type { Candidate } from '../model/evaluate.js';
import type { HistoryEntry, Memory } from '../model/memory.js';
import type { Origin } from '../model/auditor.js';
import { spaceOwner, toSpaceId } from '../model/space.js';
import type { AccessList } from '../model/space-list.js';
import { Access, type MadePlans, type Use } from './access.js';
import { administer, granting, type AdministrativeAct } from './administer.js';
import type { Changes, Draft } from './changes.js';
import { Comparer } from './compare.js';
import type { GuardContext } from './context.js';
import { Explainer, type Explanation } from './explain.js';
import { Exporter, type Exported, type ExportedMemories, type ExportOrder, type ExportSink } from './export.js';
import type { CompiledFilter } from './filter.js';
import { Historian } from './history.js';
import { policiesOf } from './other-policies.js';
import { Reader, type Page } from './read.js';
import { Release } from './release.js';
import { Remover } from './remove.js';
import { Sharer, SHARES } from './sharing.js';
import { ANY_SPACE, Spaces } from './spaces.js';
import type { SpacePage } from './space-pages.js';
import { Searcher, type Found, type Search } from './search.js';
import { heard } from './own-writes.js';
import type { Partition } from '../store/partition.js';
import { Views, type ViewStatistics } from './views.js';
import { Sweeper, type Raise } from './sweep.js';
import { CREATES, DELETES, EXPLAINS, EXPLAINS_RECORD, EXPORTS, READS, UPDATES } from './uses.js';
import { UserLister, type UserPage } from './users.js';
import { Witness } from './witness.js';
import { Writer } from './write.js';

const ACCESSES = 10_000;

/** The one way to memories. Every member is classified in `surface.ts`; a test fails on one that is not. */
export class Guard {
  readonly #context: GuardContext;
  readonly #witness: Witness;
  readonly #reader: Reader;
  readonly #searcher: Searcher;
  readonly #writer: Writer;
  readonly #remover: Remover;
  readonly #historian: Historian;
  readonly #explainer: Explainer;
  readonly #exporter: Exporter;
  readonly #userLister: UserLister;
  readonly #comparer: Comparer;
  // An access holds who asks and whose memories they are; what policies say is asked anew at each call.
  readonly #accesses = new LRUCache<string, Access>(atMost(ACCESSES));
  // Of calls that come in at a door, which each have an access of their own.
  readonly #plans = new LRUCache<string, MadePlans>(atMost(ACCESSES));
  readonly #sweeper: Sweeper;
  readonly #spaces: Spaces;
  readonly #sharer: Sharer;

  constructor(given: GuardContext) {
    const views = new Views(given);
    const context = { ...given, store: heard(given.store, views) };
    const release = new Release(context);
    this.#context = context;
    this.#searcher = new Searcher(context, release, views);
    this.#witness = new Witness(context);
    this.#reader = new Reader(context, release);
    this.#writer = new Writer(context, release);
    this.#remover = new Remover(context, release);
    this.#historian = new Historian(context, release);
    this.#explainer = new Explainer(context, release);
    this.#spaces = new Spaces(context);
    this.#exporter = new Exporter(context, release, this.#spaces);
    this.#userLister = new UserLister(context);
    this.#comparer = new Comparer(context);
    this.#sweeper = new Sweeper(context, release, this.#spaces);
    this.#sharer = new Sharer(context, release, this.#writer);
  }

  /** @throws MemwardenError invalid_principal, invalid_owner */
  access(principal: unknown, owner: unknown, ownerKey?: Uint8Array, origin?: Origin): Access {
    const [who, whose] = [toPrincipal(principal), toOwner(owner)];
    const key = principalKey(who);
    const from = origin ?? originOf(who);
    const both = `${key}/${whose}`;
    // Of a key, or of an id, that comes with a request nothing is kept.
    if (ownerKey !== undefined || from !== undefined) {
      let plans = this.#plans.get(both);
      if (!plans) this.#plans.set(both, (plans = {}));
      return new Access(this.#context, who, whose, key, ownerKey, from, plans);
    }
    let access = this.#accesses.get(both);
    if (!access) this.#accesses.set(both, (access = new Access(this.#context, who, whose, key)));
    return access;
  }

  /** An access to a shared space. @throws MemwardenError invalid_principal, invalid_argument */
  space(principal: unknown, spaceId: unknown, origin?: Origin): Access {
    const who = toPrincipal(principal);
    const owner = spaceOwner(toSpaceId(spaceId));
    return new Access(this.#context, who, owner, principalKey(who), undefined, origin ?? originOf(who));
  }

  spaces(principal: unknown, limit: number, cursor?: string): Promise<SpacePage> {
    return this.#spaces.page(this.space(principal, ANY_SPACE), limit, cursor);
  }

  createSpace(access: Access, list: AccessList): Promise<void> {
    return granting(this.#context, access, 'space.create', true, () => this.#spaces.create(access, list));
  }

  /** Changes the access list of a space. @throws MemwardenError forbidden, not_found, conflict */
  changeSpace(access: Access, act: string, change: (list: AccessList) => AccessList): Promise<void> {
    return granting(this.#context, access, act, true, () => this.#spaces.change(access, change));
  }

  /** The access list of a space. @throws MemwardenError forbidden, not_found */
  spaceList(access: Access): Promise<AccessList> {
    return granting(this.#context, access, 'space.list', false, () => this.#spaces.list(access));
  }

  accountOfSpace<T>(access: Access, run: (isTold: boolean) => Promise<T>): Promise<T> {
    return this.#spaces.account(access, run);
  }

  /** Copies a memory into a space. @throws MemwardenError forbidden, not_found */
  share(access: Access, id: string, to: Access): Promise<Memory> {
    return this.#witness.decided(access, 'share', async () => {
      for (const use of SHARES) access.plan(access.binding(), use);
      return this.#on(to, 'create', CREATES, (settled) => this.#sharer.share(access, id, settled));
    });
  }

  get(access: Access, id: string): Promise<Memory | null> {
    return this.#on(access, 'read', READS, (settled) => this.#reader.get(settled, id));
  }

  list(access: Access, filter: CompiledFilter, limit: number, cursor?: string, skip?: number): Promise<Page> {
    return this.#on(access, 'read', READS, (settled) => this.#reader.list(settled, filter, limit, cursor, skip));
  }

  count(access: Access, filter: CompiledFilter): Promise<number> {
    return this.#on(access, 'read', READS, (settled) => this.#reader.count(settled, filter));
  }

  search(access: Access, search: Search): Promise<Found> {
    return this.#on(access, 'read', READS, (settled) => this.#searcher.search(settled, search));
  }

  /** Drops the indexes of a partition: its user is erased, or its key destroyed. All indexes where none is named. */
  dropViews(partition?: Partition): void {
    if (partition) this.#searcher.views.drop(partition);
    else this.#searcher.views.clear();
  }

  /** How the indexes of searches are used. */
  get viewStatistics(): ViewStatistics {
    return this.#searcher.views.statistics;
  }

  create(access: Access, drafts: readonly Draft[], atomic: boolean): Promise<Memory[]> {
    return this.#on(access, 'create', CREATES, (settled) => this.#writer.create(settled, drafts, atomic));
  }

  importMany(access: Access, drafts: readonly Draft[]): Promise<void> {
    return this.#on(access, 'create', CREATES, (settled) => this.#writer.importMany(settled, drafts));
  }

  update(access: Access, id: string, changes: Changes, ifVersion?: number): Promise<Memory> {
    return this.#on(access, 'update', UPDATES, (settled) => this.#writer.update(settled, id, changes, ifVersion));
  }

  remove(access: Access, id: string, ifVersion?: number): Promise<void> {
    return this.#on(access, 'delete', DELETES, (settled) => this.#remover.remove(settled, id, ifVersion));
  }

  removeMany(access: Access, filter: CompiledFilter): Promise<number> {
    return this.#on(access, 'delete', DELETES, (settled) => this.#remover.removeMany(settled, filter));
  }

  history(access: Access, id: string): Promise<HistoryEntry[]> {
    return this.#on(access, 'read', READS, (settled) => this.#historian.history(settled, id));
  }

  explainStored(access: Access, id: string, action: ActionOf<'Memory'>): Promise<Explanation> {
    return this.#on(access, 'explain', EXPLAINS, (settled) => this.#explainer.explainStored(settled, id, action));
  }

  explainRecord(access: Access, record: Candidate, action: ActionOf<'Memory'>): Promise<Explanation> {
    return this.#on(access, 'explain', EXPLAINS_RECORD, (settled) =>
      this.#explainer.explainRecord(settled, record, action),
    );
  }

  /** Runs an act that is on no memory: decided, and on record before anything of it is released. @throws MemwardenError invalid_principal, forbidden, and what the act throws */
  administer<T>(principal: unknown, act: AdministrativeAct, run: (principal: Principal) => Promise<T>): Promise<T> {
    return administer(this.#context, toPrincipal(principal), act, run);
  }

  classify(access: Access, dryRun: boolean): AsyncGenerator<Raise, void, undefined> {
    return this.#witness.eachDecided(access, 'update', () => this.#sweeper.classify(access, dryRun));
  }

  /** Hands what may be exported of a partition to a sink. */
  export(access: Access, order: ExportOrder, sink: ExportSink): Promise<Exported> {
    return this.#on(access, 'export', EXPORTS, (settled) => this.#exporter.export(settled, order, sink));
  }

  /** Whether what was exported of a partition is still what is there and permitted. */
  exportStands(access: Access, order: ExportOrder, mark: string): Promise<boolean> {
    return this.#exporter.stands(access, order, mark);
  }

  /** Whether memories that were exported are still there and may still be exported; with `release` that is on record. */
  exportHolds(access: Access, memories: ExportedMemories): Promise<boolean> {
    return this.#exporter.holds(access, memories);
  }

  /** Which of some users have written in which spaces, as far as the principal may be told. */
  authored(principal: unknown, users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.#spaces.authored(this.space(principal, ANY_SPACE), users);
  }

  spaceWeight(access: Access): Promise<number> {
    return this.#spaces.weight(access);
  }

  users(principal: unknown, limit: number, cursor?: string, origin?: Origin, job?: boolean): Promise<UserPage> {
    return this.#userLister.users(toPrincipal(principal), limit, cursor, origin, job);
  }

  usersAmong(principal: unknown, names: readonly string[]): Promise<readonly string[] | undefined> {
    return this.#userLister.among(toPrincipal(principal), names);
  }

  countBoth(one: Access, other: Access): Promise<number> {
    return this.#comparer.countBoth(one, other);
  }

  #on<T>(access: Access, action: ActionOf<'Memory'>, uses: readonly Use[], call: (access: Access) => Promise<T>) {
    if (access.subject === 'Memory') return this.#witness.decided(access, action, () => call(access));
    return this.#witness.decided(access, action, async () => call(await this.#spaces.settled(access, uses)));
  }

  /** The same store under the policies of another folder, to compare the two. @throws MemwardenError policy_invalid */
  async under(folder: string): Promise<Guard> {
    return new Guard({ ...this.#context, policy: await policiesOf(folder, this.#context) });
  }
}
