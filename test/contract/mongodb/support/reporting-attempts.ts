import type { Db, Document, Long, MongoClient } from 'mongodb';

/** What an attempt works with: a connection, and the names of what it attacks. */
export interface Attempting {
  readonly client: MongoClient;
  /** The database of the memories. */
  readonly db: Db;
  /** The database of the keys. */
  readonly keys: Db;
  /** What it reads through: the view, or for the control the collection itself. */
  readonly rows: string;
  /** A cursor on memories that another user has open. */
  readonly cursor: Long;
}

/** One attempt to read more than public rows in clear. What it returns is what it got. */
export interface Attempt {
  readonly name: string;
  /**
   * What must come of it. `refused`: the server says no. `public`: no more than public rows. And whether the same, done by
   * the administrator on the collection itself, gets more: then the attempt is one.
   */
  readonly expected: 'refused' | 'public';
  readonly control?: boolean;
  readonly act: (setting: Attempting) => Promise<unknown>;
}

const all = (db: Db, collection: string) => db.collection(collection).find().toArray();
const pipe = (db: Db, collection: string, pipeline: Document[], options = {}) =>
  db.collection(collection).aggregate(pipeline, options).toArray();
const firstChange = async (stream: { tryNext(): Promise<unknown>; close(): Promise<void> }) => {
  try {
    return await stream.tryNext();
  } finally {
    await stream.close();
  }
};
// Fails on a row of this category alone, so that an answer tells whether there is one.
const ORACLE = { $expr: { $eq: [1, { $divide: [1, { $cond: [{ $eq: ['$category', 'oncology'] }, 0, 1] }] }] } };
const MAP = 'function () { emit(this._id, this.category); }';
const REDUCE = 'function (key, values) { return values[0]; }';

const refused = (name: string, act: Attempt['act'], control = false): Attempt => ({
  name,
  expected: 'refused',
  control,
  act,
});
const open = (name: string, act: Attempt['act'], control = true): Attempt => ({
  name,
  expected: 'public',
  control,
  act,
});

/** Every attempt, as a test prints it. */
export const ATTEMPTS: readonly Attempt[] = [
  // The collections themselves.
  ...['memories', 'history', 'partitions', 'audit', 'service_values', 'instance_keys'].map((name) =>
    refused(`find in ${name}`, ({ db }) => all(db, name), true),
  ),
  refused('find in key_rings of the keys', ({ keys }) => all(keys, 'key_rings'), true),
  refused('find in key_documents of the keys', ({ keys }) => all(keys, 'key_documents'), true),
  refused('find the document that the view begins with', ({ db }) => all(db, 'reporting')),
  refused('aggregate over memories', ({ db }) => pipe(db, 'memories', [{ $match: {} }]), true),
  refused('count memories', ({ db }) => db.command({ count: 'memories', query: { sensitivity: 'private' } })),
  refused('distinct categories of memories', ({ db }) => db.command({ distinct: 'memories', key: 'category' }), true),
  refused('mapReduce over memories', ({ db }) =>
    db.command({ mapReduce: 'memories', map: MAP, reduce: REDUCE, out: { inline: 1 } }),
  ),
  refused('explain a find in memories', ({ db }) => db.command({ explain: { find: 'memories' } })),
  refused(
    'find in memories in a transaction',
    async ({ client, db }) => {
      const session = client.startSession();
      try {
        return await session.withTransaction(() => db.collection('memories').find({}, { session }).toArray());
      } finally {
        await session.endSession();
      }
    },
    true,
  ),
  refused(
    'find in memories of a snapshot',
    ({ client, db }) =>
      client.withSession({ snapshot: false }, async (session) => {
        session.startTransaction({ readConcern: { level: 'snapshot' } });
        try {
          return await db.collection('memories').find({}, { session }).toArray();
        } finally {
          await session.abortTransaction().catch(() => undefined);
        }
      }),
    true,
  ),

  // Filters and projections on the view.
  open('find through the view without a filter', ({ db, rows }) => all(db, rows)),
  open('project sealed fields', ({ db, rows }) =>
    db
      .collection(rows)
      .find({}, { projection: { content: 1, metadata: 1, seal: 1, key_id: 1, bare: 1 } })
      .toArray(),
  ),
  open('filter on a level above public', ({ db, rows }) =>
    db
      .collection(rows)
      .find({ sensitivity: { $in: ['private', 'sensitive'] } })
      .toArray(),
  ),
  open('filter on everything but public', ({ db, rows }) =>
    db
      .collection(rows)
      .find({ sensitivity: { $ne: 'public' } })
      .toArray(),
  ),
  open('filter with $or on the level', ({ db, rows }) =>
    db
      .collection(rows)
      .find({ $or: [{ sensitivity: 'sensitive' }, { category: 'oncology' }] })
      .toArray(),
  ),
  open('$redact with every row kept', ({ db, rows }) => pipe(db, rows, [{ $redact: '$$KEEP' }])),
  open('$sample of many', ({ db, rows }) => pipe(db, rows, [{ $sample: { size: 1_000 } }])),
  open('$group that pushes $$ROOT', ({ db, rows }) =>
    pipe(db, rows, [{ $group: { _id: 1, all: { $push: '$$ROOT' } } }]),
  ),
  open('$facet with every row', ({ db, rows }) => pipe(db, rows, [{ $facet: { all: [{ $match: {} }] } }])),
  open('count rows above public', ({ db, rows }) =>
    counted(db, rows, { sensitivity: { $in: ['private', 'sensitive'] } }),
  ),
  open('count rows by a sealed field', ({ db, rows }) => counted(db, rows, { content: { $exists: true } })),
  open('count rows by a key', ({ db, rows }) => counted(db, rows, { key_id: { $exists: true } })),
  open('count rows of a user who has none that are public', ({ db, rows }) => counted(db, rows, { user_id: 'carol' })),
  open('count rows that have expired', ({ db, rows }) => counted(db, rows, { expires_at: { $lt: new Date() } })),
  open('distinct levels', ({ db, rows }) => db.command({ distinct: rows, key: 'sensitivity' })),
  open('distinct users', ({ db, rows }) => db.command({ distinct: rows, key: 'user_id' })),
  open('distinct sealed contents', ({ db, rows }) => db.command({ distinct: rows, key: 'content' })),
  open('order by a sealed field', ({ db, rows }) => db.collection(rows).find().sort({ seal: 1 }).toArray()),
  open('an error that only a row above public raises', ({ db, rows }) => told(asked(db, rows, ORACLE))),
  open('the same error along $natural', ({ db, rows }) => told(asked(db, rows, ORACLE, { $natural: 1 }))),
  open('the same error in a count', ({ db, rows }) => told(db.command({ count: rows, query: ORACLE }))),
  open('the same error in a projection before a match', ({ db, rows }) =>
    told(pipe(db, rows, [{ $addFields: { told: ORACLE.$expr } }, { $match: { told: true } }])),
  ),
  open(
    'JavaScript over every row',
    ({ db, rows }) =>
      pipe(db, rows, [
        { $project: { told: { $function: { body: 'function (row) { return row; }', args: ['$$ROOT'], lang: 'js' } } } },
      ]).catch(withoutJavaScript),
    false,
  ),
  refused('$where', ({ db }) => db.collection('memories_public').find({ $where: 'true' }).toArray()),
  refused('another collation', ({ db }) =>
    db
      .collection('memories_public')
      .find({}, { collation: { locale: 'en', strength: 1 } })
      .toArray(),
  ),
  refused('the places of rows on disk', ({ db }) =>
    db.collection('memories_public').find({}, { showRecordId: true }).toArray(),
  ),
  refused('keys of the index in the place of rows', ({ db }) =>
    db.collection('memories_public').find({}, { returnKey: true }).toArray(),
  ),
  refused('bounds of an index', ({ db }) =>
    db.collection('memories_public').find().hint('partition_recent').min({ user_id: 'a' }).toArray(),
  ),
  refused('mapReduce over the view', ({ db }) =>
    db.command({ mapReduce: 'memories_public', map: MAP, reduce: REDUCE, out: { inline: 1 } }),
  ),
  refused('a full text search', ({ db }) =>
    db
      .collection('memories_public')
      .find({ $text: { $search: 'cancer' } })
      .toArray(),
  ),

  // explain: what was examined counts what is there.
  open('explain a find', ({ db, rows }) => examined(db, { find: rows })),
  open('explain a find along $natural', ({ db, rows }) => examined(db, { find: rows, hint: { $natural: 1 } })),
  open('explain a find of one user along the index of users', ({ db, rows }) =>
    examined(db, { find: rows, filter: { user_id: 'alice' }, hint: 'partition_recent' }).catch(refusedHint),
  ),
  open('explain a count', ({ db, rows }) => examined(db, { count: rows, query: {} })),
  open('explain a distinct', ({ db, rows }) => examined(db, { distinct: rows, key: 'category', query: {} })),
  open('explain an aggregation along $natural', ({ db, rows }) =>
    examined(db, { aggregate: rows, pipeline: [], cursor: {}, hint: { $natural: 1 } }),
  ),

  // Joins with what may not be read.
  ...['memories', 'history', 'audit', 'partitions', 'instance_keys'].map((from) =>
    refused(
      `$lookup in ${from}`,
      ({ db, rows }) => pipe(db, rows, [{ $limit: 1 }, { $lookup: { from, pipeline: [], as: 'all' } }]),
      true,
    ),
  ),
  refused('$lookup in the keys', ({ db, rows, keys }) =>
    pipe(db, rows, [
      { $lookup: { from: { db: keys.databaseName, coll: 'key_rings' }, pipeline: [], as: 'all' } as Document },
    ]),
  ),
  refused('$lookup inside $facet', ({ db, rows }) =>
    pipe(db, rows, [{ $facet: { all: [{ $lookup: { from: 'memories', pipeline: [], as: 'all' } }] } }]),
  ),
  refused('$lookup inside $lookup', ({ db, rows }) => {
    const inner = [{ $lookup: { from: 'memories', pipeline: [], as: 'all' } }];
    return pipe(db, rows, [{ $lookup: { from: rows, pipeline: inner, as: 'all' } }]);
  }),
  refused('$unionWith memories', ({ db, rows }) => pipe(db, rows, [{ $unionWith: 'memories' }]), true),
  refused('$unionWith the audit log', ({ db, rows }) => pipe(db, rows, [{ $unionWith: 'audit' }]), true),
  refused(
    '$graphLookup in memories',
    ({ db, rows }) =>
      pipe(db, rows, [
        {
          $graphLookup: {
            from: 'memories',
            startWith: '$user_id',
            connectFromField: 'user_id',
            connectToField: 'user_id',
            as: 'all',
          },
        },
      ]),
    true,
  ),
  refused('$out into a collection', ({ db }) => pipe(db, 'memories_public', [{ $out: 'stolen' }])),
  refused('$merge into memories', ({ db }) => pipe(db, 'memories_public', [{ $merge: { into: 'memories' } }])),

  // What the server tells of itself.
  refused('listCollections with their options', ({ db }) => db.listCollections({}, { nameOnly: false }).toArray()),
  open(
    'listCollections of what one may read',
    ({ db }) => db.listCollections({}, { nameOnly: true, authorizedCollections: true }).toArray(),
    false,
  ),
  refused('listCollections of the keys', ({ keys }) => keys.listCollections().toArray()),
  refused('indexes of memories', ({ db }) => db.collection('memories').indexes()),
  refused('indexes of the view', ({ db }) => db.collection('memories_public').indexes()),
  refused('$indexStats of memories', ({ db }) => pipe(db, 'memories', [{ $indexStats: {} }])),
  refused('$indexStats of the view', ({ db }) => pipe(db, 'memories_public', [{ $indexStats: {} }])),
  refused('$collStats of memories', ({ db }) => pipe(db, 'memories', [{ $collStats: { count: {} } }])),
  refused('$collStats of the view', ({ db }) => pipe(db, 'memories_public', [{ $collStats: { count: {} } }])),
  refused('$planCacheStats of memories', ({ db }) => pipe(db, 'memories', [{ $planCacheStats: {} }])),
  ...['collStats', 'validate', 'dataSize'].map((command) =>
    refused(`${command} of memories`, ({ db }) =>
      db.command({ [command]: command === 'dataSize' ? `${db.databaseName}.memories` : 'memories' }),
    ),
  ),
  ...['dbStats', 'dbHash', 'serverStatus', 'top', 'getCmdLineOpts'].map((command) =>
    refused(command, ({ db, client }) =>
      (['dbStats', 'dbHash'].includes(command) ? db : client.db('admin')).command({ [command]: 1 }),
    ),
  ),
  refused('the log of the server', ({ client }) => client.db('admin').command({ getLog: 'global' })),
  refused('$currentOp of every user', ({ client }) =>
    client
      .db('admin')
      .aggregate([{ $currentOp: { allUsers: true } }])
      .toArray(),
  ),
  refused('currentOp', ({ client }) => client.db('admin').command({ currentOp: 1 })),
  refused('sessions of every user', ({ client }) =>
    client
      .db('config')
      .collection('system.sessions')
      .aggregate([{ $listSessions: { allUsers: true } }])
      .toArray(),
  ),
  refused('turn profiling on', ({ db }) => db.command({ profile: 2 })),
  ...['system.profile', 'system.views'].map((name) => refused(`find in ${name}`, ({ db }) => all(db, name))),
  ...(
    [
      ['admin', 'system.users'],
      ['admin', 'system.roles'],
      ['local', 'oplog.rs'],
      ['config', 'transactions'],
    ] as const
  ).map(([name, collection]) =>
    refused(`find in ${name}.${collection}`, ({ client }) =>
      client.db(name).collection(collection).find().limit(100).toArray(),
    ),
  ),
  refused('users of the database', ({ db }) => db.command({ usersInfo: 1 })),
  open('databases of the server', ({ client }) => client.db('admin').admin().listDatabases(), false),

  // What others read or write now.
  refused('changes of memories', ({ db }) => firstChange(db.collection('memories').watch())),
  refused('changes of the view', ({ db }) => firstChange(db.collection('memories_public').watch())),
  refused('changes of the database', ({ db }) => firstChange(db.watch())),
  refused('changes of the server', ({ client }) => firstChange(client.watch())),
  refused("go on with another's cursor", ({ db, cursor }) => db.command({ getMore: cursor, collection: 'memories' })),
  refused("go on with another's cursor as one of the view", ({ db, cursor }) =>
    db.command({ getMore: cursor, collection: 'memories_public' }),
  ),
  refused("end another's cursor", ({ db, cursor }) => db.command({ killCursors: 'memories', cursors: [cursor] })),
  refused('end operations', ({ client }) => client.db('admin').command({ killOp: 1, op: 1 })),

  // Changing what may be read.
  refused('a view of memories', ({ db }) => db.command({ create: 'mine', viewOn: 'memories', pipeline: [] })),
  refused('another definition of the view', ({ db }) =>
    db.command({ collMod: 'memories_public', viewOn: 'memories', pipeline: [] }),
  ),
  refused('drop the view', ({ db }) => db.command({ drop: 'memories_public' })),
  refused('rename memories', ({ client, db }) =>
    client.db('admin').command({
      renameCollection: `${db.databaseName}.memories`,
      to: `${db.databaseName}.memories_public`,
      dropTarget: true,
    }),
  ),
  refused('insert through the view', ({ db }) => db.command({ insert: 'memories_public', documents: [{ a: 1 }] })),
  refused('update through the view', ({ db }) =>
    db.command({ update: 'memories_public', updates: [{ q: {}, u: { $set: { sensitivity: 'public' } } }] }),
  ),
  refused('lower a level in memories', ({ db }) =>
    db.command({ update: 'memories', updates: [{ q: {}, u: { $set: { sensitivity: 'public' } }, multi: true }] }),
  ),
  refused('findAndModify that returns the row', ({ db }) =>
    db.command({ findAndModify: 'memories', query: {}, update: { $set: { category: 'x' } } }),
  ),
  refused('delete through the view', ({ db }) =>
    db.command({ delete: 'memories_public', deletes: [{ q: {}, limit: 0 }] }),
  ),
  refused('a user of more rights', ({ db }) => db.command({ createUser: 'mine', pwd: 'x', roles: ['readWrite'] })),
  refused('more rights for oneself', ({ db }) =>
    db.command({ grantRolesToUser: 'memwarden_reporting', roles: ['memwarden_application'] }),
  ),
  refused("another's rights for one's own role", ({ db }) =>
    db.command({ updateRole: 'memwarden_reporting', roles: ['memwarden_application'] }),
  ),
  refused('operations as a secondary applies them', ({ client, db }) =>
    client.db('admin').command({ applyOps: [{ op: 'c', ns: `${db.databaseName}.$cmd`, o: { create: 'x' } }] }),
  ),
  refused('clone memories', ({ db }) =>
    db.command({ cloneCollectionAsCapped: 'memories', toCollection: 'memories_public2', size: 1_000_000 }),
  ),
];

/** How many rows a filter selects, said as a word where there are any. */
async function counted(db: Db, rows: string, query: Document): Promise<string> {
  const { n } = await db.command({ count: rows, query });
  return Number(n) > 0 ? 'COUNTED' : 'none';
}

function asked(db: Db, rows: string, filter: Document, hint?: Document): Promise<unknown> {
  return db
    .collection(rows)
    .find(filter, hint ? { hint } : {})
    .toArray();
}

// The error itself is the answer.
async function told(act: Promise<unknown>): Promise<unknown> {
  return act.catch(() => 'FAILED ON A ROW');
}

const refusedHint = () => 'none';
// A server without the engine says so, and runs nothing.
const withoutJavaScript = (error: Error) => {
  if (!/javascript/i.test(error.message)) throw error;
  return 'none';
};

/** What `explain` says was examined of the rows, where that is more than what is public. */
async function examined(db: Db, command: Document): Promise<string> {
  const explained = await db.command({ explain: command, verbosity: 'allPlansExecution' });
  const text = JSON.stringify(explained);
  const counts = [
    ...text.matchAll(/"(?:totalDocsExamined|totalKeysExamined|docsExamined|keysExamined|nCounted|nReturned)":(\d+)/g),
  ];
  const most = Math.max(0, ...counts.map(([, count]) => Number(count)));
  return most > PUBLIC_ROWS ? 'COUNTED' : 'none';
}

/** How many rows of the test are public, with those that have expired. */
export const PUBLIC_ROWS = 3;
