import { LRUCache } from 'lru-cache';
import { loadLanguages } from '../search/languages.js';
import type { Semantics } from '../search/semantic.js';
import { ViewIndex } from '../search/view-index.js';
import { WEIGHTS } from '../search/weights.js';
import type { Clock } from '../model/clock.js';
import type { Partition } from '../store/partition.js';
import type { PlannedStore } from '../store/planned.js';
import type { WriteListener } from './own-writes.js';
import { View, type ViewSource } from './view.js';
import { CONFIRMED_MS, ViewKeys, type KeyEpoch } from './view-keys.js';

/** What the views stand on. */
export interface ViewsOptions {
  readonly clock: Clock;
  /** By how much an acknowledged write raises the revision. Where it is unknown, a write drops the views. */
  readonly raises?: number;
  /** How many bytes of memory all views together may take. */
  readonly searchIndexBytes?: number;
  readonly semantics?: Semantics;
  /** The epoch of a user's key record; where it is not given nothing tells of keys. */
  readonly keyEpoch?: KeyEpoch;
}

/** How the views are used, counted since the start. */
export interface ViewStatistics {
  /** Searches that a kept view served. */
  readonly hits: number;
  /** Views that were built. */
  readonly builds: number;
  /** Views that are kept now. */
  readonly views: number;
  /** About how many bytes they take. */
  readonly bytes: number;
}

/** How many bytes the views may take where nothing is said. */
export const DEFAULT_INDEX_BYTES = 256 * 1_048_576;
const ATTEMPTS = 6;
const PAUSE_MS = 2;

/**
 * The views that are kept (S13, S18). One is used only while the partition's revision is the one that it reflects: the
 * one that it was built under, or a later one that differs by acknowledged writes of this process alone, which it then
 * takes in. The revision is read at every search, so that a write of another process is seen at the next one.
 */
export class Views implements WriteListener {
  readonly #options: ViewsOptions;
  readonly #kept: LRUCache<string, View>;
  readonly #building = new Map<string, Promise<View>>();
  readonly #ofPartition = new Map<string, Set<View>>();
  readonly #filling = new Map<string, Promise<unknown>>();
  readonly #writing = new Map<string, Set<Promise<unknown>>>();
  readonly #keys: ViewKeys;
  #sweeping: NodeJS.Timeout | undefined;
  #hits = 0;
  #builds = 0;

  constructor(options: ViewsOptions) {
    this.#options = options;
    this.#keys = new ViewKeys(options.keyEpoch, options.clock);
    this.#kept = new LRUCache({
      maxSize: options.searchIndexBytes ?? DEFAULT_INDEX_BYTES,
      sizeCalculation: ({ index }) => index.bytes,
      // What was put out may be in use still; it is not put back.
      dispose: (view) => {
        view.drop();
        this.#forget(view);
      },
    });
  }

  /** How often a kept view was used, how often one was built, and what is kept. */
  get statistics(): ViewStatistics {
    return { hits: this.#hits, builds: this.#builds, views: this.#kept.size, bytes: this.#kept.calculatedSize };
  }

  /** The view of a source as it is now: it reflects every write that was acknowledged before the call. */
  async use(source: ViewSource, store: PlannedStore): Promise<ViewIndex> {
    for (let attempt = 0; source.isKept && attempt < ATTEMPTS; attempt += 1) {
      const view = this.#kept.get(source.key) ?? (await this.#building.get(source.key)?.catch(() => undefined));
      if (!view || view.isDropped() || !(await this.#keys.stands(view))) {
        if (view) this.#drop(view);
        const settled = await this.#settled(source.partition, store);
        if (settled === undefined) break;
        // Another search may have begun to build it meanwhile.
        if (this.#building.has(source.key) || this.#kept.has(source.key)) continue;
        return this.#build(source, settled);
      }
      const { reflects } = view;
      const own = [...(this.#writing.get(keyOf(source.partition)) ?? [])];
      const revision = await store.revision(source.partition);
      if (revision === reflects && !view.isDropped() && view.isWholeAt(this.#options.clock())) {
        await view.catchUp(source, this.#options.clock);
        this.#hits += 1;
        this.#keep(view);
        return view.index;
      }
      // A write of this process may be in the store and not yet acknowledged here; then it is known in a moment.
      if (own.length > 0 || revision === undefined) await settling(own, PAUSE_MS << attempt);
      else if (view.reflects === reflects) this.#drop(view);
    }
    return this.#unkept(source);
  }

  /** Drops every view of a partition: its user is erased, its key destroyed. */
  drop(partition: Partition): void {
    for (const view of this.#ofPartition.get(keyOf(partition)) ?? []) this.#drop(view);
  }

  /** Drops every view, and ends what looks after them. */
  clear(): void {
    clearInterval(this.#sweeping);
    this.#sweeping = undefined;
    for (const views of this.#ofPartition.values()) for (const view of views) this.#drop(view);
  }

  /** Drops the views whose keys are not there any more; one that is idle would not be asked else. */
  async sweep(): Promise<void> {
    const views = [...this.#ofPartition.values()].flatMap((one) => [...one]);
    for (const view of views) if (!(await this.#keys.stands(view))) this.#drop(view);
  }

  began(partition: Partition, write: Promise<unknown>): void {
    const key = keyOf(partition);
    let writes = this.#writing.get(key);
    if (!writes) this.#writing.set(key, (writes = new Set()));
    const settled = write.then(noop, noop).then(noop);
    writes.add(settled);
    void settled.then(() => {
      writes.delete(settled);
      if (writes.size === 0 && this.#writing.get(key) === writes) this.#writing.delete(key);
    });
  }

  landed(partition: Partition, ids: readonly string[]): void {
    const { raises } = this.#options;
    if (raises === undefined) return void this.drop(partition);
    for (const view of this.#ofPartition.get(keyOf(partition)) ?? []) view.note(ids, raises);
  }

  unsure(partition: Partition): void {
    this.drop(partition);
  }

  // Built under the revision that was read first: what others write meanwhile raises it, and the next search sees that.
  async #build(source: ViewSource, revision: number): Promise<ViewIndex> {
    const building = this.#start(source, revision);
    this.#building.set(source.key, building);
    try {
      const view = await building;
      await view.catchUp(source, this.#options.clock);
      this.#keep(view);
      return view.index;
    } finally {
      this.#building.delete(source.key);
    }
  }

  async #start(source: ViewSource, revision: number): Promise<View> {
    const view = await this.#make(source, revision);
    const key = keyOf(source.partition);
    const views = this.#ofPartition.get(key);
    if (views) views.add(view);
    else this.#ofPartition.set(key, new Set([view]));
    try {
      await this.#fill(view, source);
      return view;
    } catch (error) {
      this.#drop(view);
      throw error;
    }
  }

  // Where others write without a pause: a view of this moment that serves one search.
  async #unkept(source: ViewSource): Promise<ViewIndex> {
    const view = await this.#make(source, 0);
    await this.#fill(view, source);
    return view.index;
  }

  // One view of a partition after the other: searches of one user under many policies are not to fill the process.
  async #fill(view: View, source: ViewSource): Promise<void> {
    const key = keyOf(source.partition);
    const filling = (this.#filling.get(key) ?? Promise.resolve()).then(() => view.fill(source));
    const settled = filling.then(noop, noop);
    this.#filling.set(key, settled);
    try {
      await filling;
    } finally {
      if (this.#filling.get(key) === settled) this.#filling.delete(key);
    }
  }

  async #make(source: ViewSource, reflects: number): Promise<View> {
    this.#builds += 1;
    const { semantics, clock } = this.#options;
    const epoch = await this.#keys.now(source.partition);
    const index = new ViewIndex(await loadLanguages(), WEIGHTS, semantics?.makeSide());
    return new View(source, index, { reflects, epoch, asOf: clock() });
  }

  async #settled(partition: Partition, store: PlannedStore): Promise<number | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const own = [...(this.#writing.get(keyOf(partition)) ?? [])];
      const revision = await store.revision(partition);
      const isOwn = own.length > 0 || this.#writing.has(keyOf(partition));
      if (revision !== undefined && !isOwn) return revision;
      await settling(own, PAUSE_MS << attempt);
    }
    return undefined;
  }

  // Again after every use, because a view grows; where it is larger than all of them may be it is not kept.
  #keep(view: View): void {
    if (view.isDropped()) return;
    this.#kept.set(view.key, view);
    if (!this.#kept.has(view.key)) this.#drop(view);
    this.#sweeping ??= setInterval(() => void this.sweep(), CONFIRMED_MS / 4).unref();
  }

  #drop(view: View): void {
    view.drop();
    if (this.#kept.peek(view.key) === view) this.#kept.delete(view.key);
    this.#forget(view);
  }

  #forget(view: View): void {
    const key = keyOf(view.partition);
    const views = this.#ofPartition.get(key);
    views?.delete(view);
    if (views?.size === 0) this.#ofPartition.delete(key);
  }
}

function keyOf({ tenant, userId }: Partition): string {
  return JSON.stringify([tenant, userId]);
}

function noop(): void {
  // A write that failed is told of elsewhere.
}

// Until some writes have ended, where there are any, and no longer than a while: one may hang.
async function settling(writes: readonly Promise<unknown>[], ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const pause = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await (writes.length > 0 ? Promise.race([Promise.allSettled(writes), pause]) : pause);
  clearTimeout(timer);
}
