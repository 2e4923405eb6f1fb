import type { Document } from 'mongodb';
import type { Connection } from 'mongoose';
import { WELL_FORMED } from '../../model/well-formed.js';
import type { Finding } from '../driver.js';
import type { Collections } from './collections.js';
import { SETTLED } from './connect.js';
import { translated } from './errors.js';
import { translator } from './filter.js';
import { assertMigrated } from './migrate.js';
import { COLLECTIONS } from './schema.js';

const OLDEST = [4, 4] as const;

/** What is wrong with a deployment, and what was found right. */
export async function diagnose(connection: Connection, collections: Collections): Promise<Finding[]> {
  const db = connection.getClient().db(connection.name);
  return translated(async () => {
    const info = await db.admin().command({ buildInfo: 1 });
    const hello = await db.admin().command({ hello: 1 });
    const findings = [serverVersion(String(info['version'])), topology(hello)];
    const migrated = await assertMigrated(collections).then(() => true, () => false);
    findings.push({ check: 'migrated', ok: migrated, message: migrated ? 'the store is prepared' : 'run `memwarden migrate`' });
    const existing = await db.listCollections({}, { nameOnly: false }).toArray();
    for (const plan of COLLECTIONS) {
      const found = existing.find(({ name }) => name === plan.name) as Document | undefined;
      if (!found) continue;
      findings.push(validator(plan.name, found, plan.validator), collation(plan.name, found));
      const names = new Set((await db.collection(plan.name).indexes()).map((index) => index.name));
      const missing = plan.indexes.filter((index) => !names.has(index.name)).map((index) => index.name);
      findings.push({
        check: `indexes of ${plan.name}`,
        ok: missing.length === 0,
        message: missing.length ? `missing: ${missing.join(', ')}; run \`memwarden migrate\`` : 'all there',
      });
    }
    const malformed = await collections.memories.countDocuments(
      { $nor: [translator('_id')(WELL_FORMED)], act: { $exists: false } } as Document,
      SETTLED,
    );
    findings.push({
      check: 'malformed records',
      ok: malformed === 0,
      message: malformed === 0 ? 'none' : `${malformed} records are malformed; nobody can read them, find who wrote them`,
    });
    const unfinished = await collections.partitions.countDocuments({ 'writers.at': { $lt: new Date(Date.now() - 60_000) } }, SETTLED);
    findings.push({
      check: 'unfinished writes',
      ok: unfinished === 0,
      message: unfinished === 0 ? 'none' : `${unfinished} partitions; run \`memwarden purge\`, which repairs them`,
    });
    return findings;
  });
}

function serverVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return { check: 'server version', ok, message: ok ? version : `${version}; use 4.4 or later` };
}

function topology(hello: Document): Finding {
  if (hello['msg'] === 'isdbgrid') return { check: 'deployment', ok: true, message: 'sharded cluster' };
  if (hello['setName']) return { check: 'deployment', ok: true, message: `replica set of ${(hello['hosts'] as unknown[]).length}` };
  return { check: 'deployment', ok: true, message: 'standalone server: journaled, but it has no second copy' };
}

function validator(name: string, found: Document, wanted: Document | undefined): Finding {
  const options = (found['options'] ?? {}) as Document;
  const ok = !wanted || (JSON.stringify(options['validator']) === JSON.stringify(wanted) && (options['validationAction'] ?? 'error') === 'error');
  return { check: `validator of ${name}`, ok, message: ok ? 'in force' : 'missing or changed; run `memwarden migrate`' };
}

function collation(name: string, found: Document): Finding {
  const ok = (found['options'] as Document | undefined)?.['collation'] === undefined;
  return { check: `collation of ${name}`, ok, message: ok ? 'simple' : 'not simple: ids could collapse; make the collection anew' };
}
