import type { ErrorCode } from '../errors/table.js';
import type { MemoryRecord } from '../model/fields.js';
import type { Memory } from '../model/memory.js';
import { Analyzer } from '../search/analyzer.js';
import { Proposals, type Mode, type Proposal, type Question } from '../search/proposals.js';
import type { ViewIndex } from '../search/view-index.js';
import type { Access, Use } from './access.js';
import { asking } from './asking.js';
import type { GuardContext } from './context.js';
import { passes, type CompiledFilter } from './filter.js';
import type { Release } from './release.js';
import { Slices } from './slices.js';
import { SEARCHED, viewSource } from './view-source.js';
import { Views } from './views.js';
import { walk, type Reading, type Released } from './walk.js';
import { Witness } from './witness.js';

/** A checked search. */
export interface Search {
  readonly text: string;
  readonly limit: number;
  readonly filter: CompiledFilter;
  readonly minScore: number;
  /** Undefined takes both ranks where there is an embedder, else words alone. */
  readonly mode: Mode | undefined;
  /** Whether the newest memories follow where hits do not fill the limit. */
  readonly fill: boolean;
  readonly explain: boolean;
  /** Whether the memories beside a hit in its session are told of. */
  readonly neighbours?: boolean;
}

/** A memory that a search found. */
export interface Hit<M = Memory> {
  readonly memory: M;
  /** From 0 to 1, and a function of the query and of the memories that the principal may read alone. */
  readonly score: number;
  /** The words of the query that it, or a memory beside it, holds. */
  readonly matched: readonly string[];
  /** Why both ranks were asked for and words alone ranked: the code of the embedder's error. Absent else. */
  readonly withoutMeaning?: ErrorCode;
  readonly explain?: HitExplanation;
}

/** How a score came about. */
export interface HitExplanation {
  /** The score by words, and by meaning, where the memory was found so. */
  readonly lexical?: number;
  readonly semantic?: number;
  /** What each word of the query gave; their sum times the factors is the score by words. */
  readonly words: Proposal['words'];
  readonly factors?: NonNullable<Proposal['factors']>;
  /** Where words that match stand in the content, as offsets of UTF-16 units. */
  readonly spans: readonly (readonly [start: number, end: number])[];
}

/** What a search found, and for each hit the hits beside it. */
export interface Found {
  readonly hits: readonly Hit[];
  /** By the id of a hit: the memories one step older and newer in its session. */
  readonly beside: ReadonlyMap<string, readonly Memory[]>;
  /** As at each hit. */
  readonly withoutMeaning?: ErrorCode;
}

const NONE_BESIDE: ReadonlyMap<string, readonly Memory[]> = new Map();
const LARGEST_BATCH = 1_000;

/** Searching: the index proposes ids in the order of the rank, the store with the plan decides what is returned. */
export class Searcher {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;
  readonly views: Views;

  constructor(context: GuardContext, release: Release, views: Views) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
    this.views = views;
  }

  async search(access: Access, search: Search): Promise<Found> {
    const binding = access.binding();
    access.plan(binding, { action: 'read' });
    const uses: readonly Use[] = [{ action: 'read', fields: [...SEARCHED, ...search.filter.fields] }];
    for (const use of uses) access.plan(binding, use);
    const { mode, vector, withoutMeaning } = await asking(this.#context, access, binding, search.text, search.mode);
    return this.#context.sealer.reading(access, async (keys) => {
      if (keys.erasing) this.views.drop(access.partition);
      const source = viewSource(this.#context, this.#release, { keys, access, binding });
      const index = await this.views.use(source, this.#context.store);
      // Read once, after the view is there: query, decision and index have one time.
      const now = this.#context.clock();
      index.expire(now);
      const reading = { keys, access, binding, now };
      const released = new Map<string, MemoryRecord>();
      const hits = await this.#hits(reading, uses, index, { text: search.text, mode, vector }, search, released);
      const beside = search.neighbours ? await this.#beside(reading, uses, index, hits, search, released) : NONE_BESIDE;
      if (search.fill) await this.#fill(reading, search, hits, released);
      const act = search.neighbours ? 'context' : 'search';
      await this.#witness.read(access, binding, { action: 'read', act, records: [...released.values()] });
      const marked = withoutMeaning === undefined ? hits : hits.map((hit) => ({ ...hit, withoutMeaning }));
      return { hits: marked, beside, ...(withoutMeaning === undefined ? {} : { withoutMeaning }) };
    });
  }

  // Down the ranking until as many as are wanted are found that the store, with the plan, lets through.
  async #hits(
    reading: Reading,
    uses: readonly Use[],
    index: ViewIndex,
    question: Question,
    search: Search,
    released: Map<string, MemoryRecord>,
  ): Promise<Hit[]> {
    const proposals = new Proposals(index, question);
    const hits: Hit[] = [];
    const slices = new Slices();
    const turn = () => slices.turn();
    let size = search.limit;
    for (let more = true; more && hits.length < search.limit; size = Math.min(size * 2, LARGEST_BATCH)) {
      await proposals.prepare(turn);
      const proposed = proposals.take(size);
      more = proposed.length === size;
      const fair = proposed.filter(({ score }) => score >= search.minScore);
      // In the order of both ranks together scores do not fall all the way.
      if (question.mode !== 'hybrid' && fair.length < proposed.length) more = false;
      const ids = fair.map(({ id }) => id);
      const memories = await this.#admitted(reading, uses, ids, search.filter);
      for (const proposal of fair) {
        const found = memories.get(proposal.id);
        if (!found || hits.length >= search.limit) continue;
        const explain = search.explain
          ? await explanation(index, proposals, proposal, found.memory, slices)
          : undefined;
        hits.push(toHit(proposal, found.memory, explain));
        released.set(proposal.id, found.record);
      }
    }
    return hits;
  }

  // The memories behind some ids, as the store has them now: planned, decided on and opened as in every other read.
  async #admitted(
    { keys, access, binding, now }: Reading,
    uses: readonly Use[],
    ids: readonly string[],
    filter: CompiledFilter,
  ): Promise<ReadonlyMap<string, Released>> {
    const found = new Map<string, Released>();
    if (ids.length === 0) return found;
    const query = access.query(binding, uses, now, filter.predicates);
    const slices = new Slices();
    for (const record of await this.#context.store.findByIds(query, ids)) {
      if (!(await this.#release.admits(keys, access, binding, record, now, uses))) continue;
      const memory = this.#release.open(keys, access, binding, record);
      if (passes(filter, memory, record)) found.set(memory.id, { record, memory });
      const turn = slices.turn();
      if (turn) await turn;
    }
    return found;
  }

  async #beside(
    reading: Reading,
    uses: readonly Use[],
    index: ViewIndex,
    hits: readonly Hit[],
    { filter }: Search,
    released: Map<string, MemoryRecord>,
  ): Promise<ReadonlyMap<string, readonly Memory[]>> {
    const ids = hits.map(({ memory: { id } }) => ({
      id,
      others: [index.beside(id, -1), index.beside(id, 1)].filter((one) => one !== undefined),
    }));
    const wanted = [...new Set(ids.flatMap(({ others }) => others))];
    const memories = await this.#admitted(reading, uses, wanted, filter);
    for (const [id, { record }] of memories) released.set(id, record);
    return new Map(ids.map(({ id, others }) => [id, others.flatMap((one) => memories.get(one)?.memory ?? [])]));
  }

  // The newest follow with score 0, so that an agent has something to read where no word matches.
  async #fill(
    reading: Reading,
    { filter, limit }: Search,
    hits: Hit[],
    released: Map<string, MemoryRecord>,
  ): Promise<void> {
    if (hits.length >= limit) return;
    const there = new Set(hits.map(({ memory }) => memory.id));
    const order = { filter, sort: SEARCHED, wanted: limit };
    await walk(this.#context, this.#release, reading, order, (record, memory) => {
      if (there.has(memory.id)) return true;
      released.set(memory.id, record);
      return hits.push({ memory, score: 0, matched: [] }) < limit;
    });
  }
}

function toHit({ score, words }: Proposal, memory: Memory, explain: HitExplanation | undefined): Hit {
  return { memory, score, matched: words.map(({ word }) => word), ...(explain === undefined ? {} : { explain }) };
}

async function explanation(
  index: ViewIndex,
  proposals: Proposals,
  { lexical, semantic, words, factors }: Proposal,
  { content = '' }: Memory,
  slices: Slices,
): Promise<HitExplanation> {
  const analyzer = new Analyzer(index.languages, index.weights);
  return {
    ...(lexical === undefined ? {} : { lexical }),
    ...(semantic === undefined ? {} : { semantic }),
    words,
    ...(factors === undefined ? {} : { factors }),
    spans: await slices.through(analyzer.spans(content, proposals.terms())),
  };
}
