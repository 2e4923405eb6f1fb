import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Finding } from '../../model/finding.js';
import { WELL_FORMED } from '../../model/well-formed.js';
import { authorizationFindings } from './authorization.js';
import { sharedOf, type Collections } from './collections.js';
import { SETTLED } from './connect.js';
import { translated } from './errors.js';
import { translator } from './filter.js';
import { assertMigrated, isInForce, isSimple } from './migrate.js';
import { COLLECTIONS, type CollectionPlan, type IndexPlan } from './schema.js';

const UNAUTHORIZED = 13;
const OLDEST = [4, 4] as const;

/** What is wrong with a deployment, and what was found right. */
export async function diagnose(connection: Connection, collections: Collections): Promise<Finding[]> {
  const db = connection.getClient().db(connection.name);
  return translated(async () => {
    const info = await db.admin().command({ buildInfo: 1 });
    const hello = await db.admin().command({ hello: 1 });
    const findings = [
      serverVersion(String(info['version'])),
      topology(hello),
      ...(await authorizationFindings(connection)),
    ];
    const migrated = await assertMigrated(collections).then(
      () => true,
      () => false,
    );
    findings.push({
      check: 'migrated',
      ok: migrated,
      message: migrated ? 'the store is prepared' : 'run `memwarden migrate`',
    });
    const existing = await db.listCollections({}, { nameOnly: false }).toArray();
    const router = hello['msg'] === 'isdbgrid';
    for (const plan of COLLECTIONS) {
      const found = existing.find(({ name }) => name === plan.name) as Document | undefined;
      if (!found) continue;
      if (router && plan.sharded) findings.push(await sharding(connection, plan.name));
      findings.push(validator(plan, found), collation(plan.name, found));
      const there = await db.collection(plan.name).indexes();
      const missing = plan.indexes.filter((index) => !there.some((one) => isIndex(one, index))).map(({ name }) => name);
      findings.push({
        check: `indexes of ${plan.name}`,
        ok: missing.length === 0,
        message: missing.length ? `missing or changed: ${missing.join(', ')}; run \`memwarden migrate\`` : 'all there',
      });
    }
    const places = [collections, sharedOf(collections, connection)];
    let malformed = 0;
    let unfinished = 0;
    for (const { memories, partitions } of places) {
      const hostile = { $nor: [translator('_id')(WELL_FORMED)], act: { $exists: false } } as Document;
      malformed += await memories.countDocuments(hostile, SETTLED);
      const lapsed = { 'writers.at': { $lt: new Date(Date.now() - 60_000) } };
      unfinished += await partitions.countDocuments(lapsed, SETTLED);
    }
    findings.push({
      check: 'malformed records',
      ok: malformed === 0,
      message:
        malformed === 0 ? 'none' : `${malformed} records are malformed; nobody can read them, find who wrote them`,
    });
    findings.push({
      check: 'unfinished writes',
      ok: unfinished === 0,
      message: unfinished === 0 ? 'none' : `${unfinished} partitions; run \`memwarden purge\`, which repairs them`,
    });
    return findings;
  });
}

// Of one name, but sparse, partial or over other keys, it would not serve every query.
function isIndex(found: Document, wanted: IndexPlan): boolean {
  const { v: _, ns: __, background: ___, ...rest } = found;
  // An index over the same fields in another order is another index.
  const sameOrder = JSON.stringify(rest['key']) === JSON.stringify(wanted.key);
  return sameOrder && isDeepStrictEqual(rest, { ...wanted });
}

function serverVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return { check: 'server version', ok, message: ok ? version : `${version}; use 4.4 or later` };
}

function topology(hello: Document): Finding {
  if (hello['msg'] === 'isdbgrid') return { check: 'deployment', ok: true, message: 'sharded cluster' };
  if (hello['setName'])
    return { check: 'deployment', ok: true, message: `replica set of ${(hello['hosts'] as unknown[]).length}` };
  return { check: 'deployment', ok: true, message: 'standalone server: journaled, but it has no second copy' };
}

// A cluster of which a collection is not sharded works, on one shard.
async function sharding(connection: Connection, name: string): Promise<Finding> {
  const config = connection.getClient().db('config').collection<Document & { _id: string }>('collections');
  let found: Document | null;
  try {
    found = await config.findOne({ _id: `${connection.name}.${name}`, dropped: { $ne: true } }, SETTLED);
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNAUTHORIZED) throw error;
    return {
      check: `sharding of ${name}`,
      ok: true,
      message: 'not known: this user may not read the configuration of the cluster',
    };
  }
  const ok = JSON.stringify(found?.['key']) === JSON.stringify({ user_id: 'hashed' });
  return {
    check: `sharding of ${name}`,
    ok,
    message: ok ? 'by the hash of the owner' : 'not by the hash of the owner; run `memwarden migrate`',
  };
}

function validator(plan: CollectionPlan, found: Document): Finding {
  const ok = isInForce(found, plan);
  return {
    check: `validator of ${plan.name}`,
    ok,
    message: ok ? 'in force' : 'missing or changed; run `memwarden migrate`',
  };
}

function collation(name: string, found: Document): Finding {
  const ok = isSimple(found);
  return {
    check: `collation of ${name}`,
    ok,
    message: ok ? 'simple' : 'not simple: ids could collapse; make the collection anew',
  };
}
