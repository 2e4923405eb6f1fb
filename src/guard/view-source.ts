import type { FieldName, MemoryRecord } from '../model/fields.js';
import { oneOf } from '../model/predicate.js';
import { isPending } from '../model/sealer.js';
import type { Entry } from '../search/view-index.js';
import type { Position } from '../store/partition.js';
import type { Use } from './access.js';
import type { GuardContext } from './context.js';
import type { Release } from './release.js';
import { otherWork, Slices } from './slices.js';
import type { ViewSource } from './view.js';
import type { Reading } from './walk.js';

/**
 * What a search uses of every memory: its text, and the time by which results are ordered where scores are equal, as
 * lists are. A memory whose text is withheld is in no view, so that it moves no neighbour and no statistic (S7, G7).
 */
export const SEARCHED: readonly FieldName[] = ['occurred_at', 'content'];
const SEARCH: readonly Use[] = [{ action: 'read', fields: SEARCHED }];
/** The fields that enter an index, each on the memories where the policy permits it (S7). */
const INDEXED: readonly FieldName[] = [...SEARCHED, 'session_id', 'speaker'];
const PAGE = 100;

/** Where the index of a view comes from: the planned store, the decision, and the permitted fields of each record. */
export function viewSource(
  context: GuardContext,
  release: Release,
  { keys, access, binding }: Omit<Reading, 'now'>,
): ViewSource {
  const { partition } = access;
  const plans = INDEXED.map((field) => access.planOrNone(binding, { action: 'read', fields: [field] }));
  const entries = async (records: readonly MemoryRecord[], now: Date): Promise<Entry[]> => {
    const found: Entry[] = [];
    const slices = new Slices();
    for (const record of records) {
      const turn = slices.turn();
      if (turn) await turn;
      const admitted = release.admits(keys, access, binding, record, now, SEARCH);
      if (!(isPending(admitted) ? await admitted : admitted)) continue;
      const memory = release.open(keys, access, binding, record, 'memory', 'metadata');
      const { content, speaker, sessionId, occurredAt } = memory;
      const embedding = context.semantics && release.embedding(keys, access, binding, record);
      found.push({
        id: record.id,
        ...(content === undefined ? {} : { content }),
        ...(speaker === undefined ? {} : { speaker }),
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(occurredAt === undefined ? {} : { occurredAt }),
        ...(embedding === undefined ? {} : { embedding }),
        ...(record.expires_at === undefined ? {} : { expiresAt: record.expires_at }),
      });
    }
    return found;
  };
  return {
    partition,
    key: JSON.stringify([partition.tenant, partition.userId, binding.revision, plans, access.stands('read')]),
    // Whoever holds the key of their memories is not to have them lie open here between two requests.
    isKept: access.ownerKey === undefined,
    async *all(now) {
      const query = access.query(binding, SEARCH, now);
      let after: Position | undefined;
      for (;;) {
        const records = await context.store.find(query, PAGE, after);
        yield await entries(records, now);
        const last = records.at(-1);
        if (!last || records.length < PAGE) return;
        after = { occurredAt: last.occurred_at, id: last.id };
        await otherWork();
      }
    },
    async some(ids, now) {
      const query = access.query(binding, SEARCH, now, [oneOf('id', ids)]);
      return entries(await context.store.findByIds(query, ids), now);
    },
  };
}
