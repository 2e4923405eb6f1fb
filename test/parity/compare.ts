import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import type { Access, Use } from '../../src/guard/access.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import type { Binding } from '../../src/policy/binding.js';
import type { PlannedQuery } from '../../src/store/planned.js';
import { isSound, mayDo } from './oracle.js';
import type { WrittenPolicy } from './rules.js';
import type { ParityStore, Stored } from './store.js';
import type { Subject } from './subject.js';
import { NOW } from './values.js';

/** What is asked of the query and of the decision alike. */
export interface Question {
  readonly policies: readonly WrittenPolicy[];
  readonly access: Access;
  readonly uses: readonly [Use, ...Use[]];
  readonly pageSize: number;
}

/** Where two that must agree do not. */
export type Disagreement =
  | 'query and decision'
  | 'decision and oracle'
  | 'malformed document returned'
  | 'explanation and decision'
  | 'explained by no rule that could'
  | 'query by id and query'
  | 'count and query'
  | 'order or repetition in pages'
  | 'query that failed'
  | 'plan of nothing and query';

/** The decisions on all documents, and every disagreement about one. */
export interface Answer {
  readonly allowed: ReadonlySet<Stored>;
  readonly disagreements: readonly { readonly what: Disagreement; readonly tag?: string }[];
  /** The plan allows nothing, so that no query was sent. */
  readonly sentNothing: boolean;
  /** The principal may ask for explanations here, and got one of every document. */
  readonly explained: boolean;
}

const MOST_FOUND = 10_000;

/** Asks the store and the decision one question about every document that there is, and compares. */
export async function compare(
  store: ParityStore,
  subject: Subject,
  question: Question,
  documents: readonly Stored[],
  lookUp: readonly Stored[],
): Promise<Answer> {
  const { access, uses, policies } = question;
  const disagreements: Answer['disagreements'][number][] = [];
  const report = (what: Disagreement, stored?: Stored) =>
    void disagreements.push({ what, ...(stored ? { tag: stored.planted.tag } : {}) });
  const binding = access.binding();
  const query = queryOf(access, binding, uses, () => report('plan of nothing and query'));
  const found = query ? await pages(store, query, question.pageSize, () => report('query that failed')) : [];
  if (!isNewestFirst(found)) report('order or repetition in pages');
  if (query && (await store.planned.count(query)) !== found.length) report('count and query');
  const tags = new Set<unknown>(found.map((record) => record.content));
  const allowed = new Set<Stored>();
  const mayExplain = access.planOrNone(binding, { action: 'explain' }).kind !== 'none';
  for (const stored of documents) {
    const record = stored.record as unknown as MemoryRecord;
    const returned = tags.has(stored.planted.tag);
    const permitted = access.permits(binding, record, NOW, uses);
    const expected = permitted && stored.inPlace;
    if (expected) allowed.add(stored);
    if (returned !== expected) report('query and decision', stored);
    if (permitted !== mayDo(policies, access.principal, access.partition.userId, stored.exact, NOW, uses)) {
      report('decision and oracle', stored);
    }
    if (returned && !isSound(stored.exact)) report('malformed document returned', stored);
    if (mayExplain) await explain(subject, access, binding, uses[0], stored, report);
  }
  for (const stored of query ? lookUp : []) {
    const one = await store.planned.findOne(query as PlannedQuery, stored.planted.key);
    if ((one !== null) !== tags.has(stored.planted.tag)) report('query by id and query', stored);
  }
  return { allowed, disagreements, sentNothing: query === undefined, explained: mayExplain };
}

// The guard refuses to make a query where one of the plans is `none`; it must refuse exactly then.
function queryOf(access: Access, binding: Binding, uses: readonly Use[], report: () => void): PlannedQuery | undefined {
  const isNone = uses.some((use) => access.planOrNone(binding, use).kind === 'none');
  try {
    const query = access.query(binding, uses, NOW);
    if (isNone) report();
    return query;
  } catch (error) {
    if (!isMemwardenError(error) || error.code !== 'forbidden') throw error;
    if (!isNone) report();
    return undefined;
  }
}

// What is found up to a failure is still compared: a malformed document that gets through has no place to go on from.
async function pages(
  store: ParityStore,
  query: PlannedQuery,
  size: number,
  onFailure: () => void,
): Promise<MemoryRecord[]> {
  const found: MemoryRecord[] = [];
  try {
    for (;;) {
      const last = found.at(-1);
      const page = await store.planned.find(query, size, last && { occurredAt: last.occurred_at, id: last.id });
      found.push(...page);
      if (page.length < size) return found;
      if (found.length > MOST_FOUND) throw new Error('the pages do not end');
    }
  } catch {
    onFailure();
    return found;
  }
}

function isNewestFirst(records: readonly MemoryRecord[]): boolean {
  return records.every((record, i) => {
    const before = records[i - 1];
    if (!before) return true;
    const ms = Number(before.occurred_at) - Number(record.occurred_at);
    return ms > 0 || (ms === 0 && before.id > record.id);
  });
}

async function explain(
  { guard }: Subject,
  access: Access,
  binding: Binding,
  { action }: Use,
  stored: Stored,
  report: (what: Disagreement, stored: Stored) => void,
): Promise<void> {
  const { record } = stored;
  const { allowed, rule, refusedBy, considered } = await guard.explainRecord(access, record, action);
  const decided = access.permits(binding, record as unknown as MemoryRecord, NOW, [{ action }]);
  if (allowed !== decided) report('explanation and decision', stored);
  const named = considered.find((one) => one.id === rule?.id);
  const fits = rule ? named?.outcome === 'decides' && named.inverted !== allowed : !allowed;
  if (!fits || (refusedBy !== undefined && (allowed || rule !== undefined)))
    report('explained by no rule that could', stored);
}
