import { isDeepStrictEqual } from 'node:util';
import { Long, type Db, type Document } from 'mongodb';
import { FIELDS } from '../../model/fields.js';
import { DURABLE, SIMPLE } from './connect.js';
import { unlessThere } from './errors.js';
import { PUBLIC_VIEW, VIEW_ANCHOR } from './privileges.js';

const ANCHOR = 'public';
const INDEX = {
  name: 'public_rows',
  key: { sensitivity: 1 },
  partialFilterExpression: { sensitivity: 'public' },
} as const;
// Beyond what is sealed: which rule of the classifier spoke tells of the text.
const WITHHELD = ['classified_by'];

/** The fields of the view: those in clear. */
export const PUBLIC_FIELDS: readonly string[] = FIELDS.filter(
  ({ sealed, name }) => !sealed && !WITHHELD.includes(name),
).map(({ name }) => (name === 'id' ? '_id' : name));

/**
 * Public rows that have not expired when they are read, in fields that are not sealed.
 *
 * What a reader of the view asks for is put behind it and never into it: `$limit` keeps any server from moving a
 * condition of the reader in front of, or beside, the view's own, where an error that it raises on a row above public
 * would tell of that row (4.4 was not seen to do so). And the rows come through `$lookup` from a collection of one document, so that `explain`
 * and `hint` reach that document alone, and do not count rows above public.
 */
export function publicRows(): Document[] {
  const expiry = { $type: '$expires_at' };
  const unexpired = {
    $or: [{ $eq: [expiry, 'missing'] }, { $and: [{ $eq: [expiry, 'date'] }, { $gt: ['$expires_at', '$$NOW'] }] }],
  };
  // An array that holds `public` is not public (S1).
  const typed = [{ $eq: ['$sensitivity', 'public'] }, { $eq: [{ $type: '$user_id' }, 'string'] }];
  return [
    { $match: { sensitivity: 'public', act: { $exists: false }, $expr: { $and: [...typed, unexpired] } } },
    { $limit: Long.MAX_VALUE },
    { $project: Object.fromEntries(PUBLIC_FIELDS.map((name) => [name, 1])) },
  ];
}

/** The view where `memories` is not sharded. */
function throughAnchor(): Document[] {
  return [
    { $match: { _id: ANCHOR } },
    { $lookup: { from: 'memories', let: {}, pipeline: publicRows(), as: 'row' } },
    { $unwind: '$row' },
    { $replaceRoot: { newRoot: '$row' } },
  ];
}

/**
 * Makes the view, or brings it up to date.
 *
 * @param router whether this is a sharded cluster, whose servers before 5.1 look up nothing in a sharded collection:
 *   there the view is on the collection itself
 */
export async function makePublicView(db: Db, router: boolean): Promise<void> {
  await db.command({ createIndexes: 'memories', indexes: [{ ...INDEX }], ...DURABLE });
  const anchor = db.collection<{ _id: string }>(VIEW_ANCHOR);
  await unlessThere(
    anchor.updateOne({ _id: ANCHOR }, { $setOnInsert: { _id: ANCHOR } }, { ...DURABLE, ...SIMPLE, upsert: true }),
  );
  const viewOn = router ? 'memories' : VIEW_ANCHOR;
  const pipeline = router ? publicRows() : throughAnchor();
  const [found] = await db.listCollections({ name: PUBLIC_VIEW }, { nameOnly: false }).toArray();
  const options = (found as { options?: Document } | undefined)?.options;
  if (!found) await db.command({ create: PUBLIC_VIEW, viewOn, pipeline, ...SIMPLE, ...DURABLE });
  else if (options?.['viewOn'] !== viewOn || !isDeepStrictEqual(options['pipeline'], pipeline))
    await db.command({ collMod: PUBLIC_VIEW, viewOn, pipeline, ...DURABLE });
}
