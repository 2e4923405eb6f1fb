import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MongoClient, type Document } from 'mongodb';
import { openTables } from '../../src/store/embedded/environment.js';
import { driverOfTenant } from '../../src/store/of-tenant/driver.js';
import { keysOfTenant } from '../../src/store/of-tenant/keys.js';
import { servicesOf } from '../../src/internals.js';
import { insideTenants, type Tenants } from '../../src/tenants/tenants.js';
import { insideOf } from '../../src/warden.js';
import { replayErasures } from '../../src/wiring/replay.js';
import { everyMethod } from '../contract/support/every-method.js';
import { adminIn, agentIn, describeTenants, OPERATOR, type TenantsPlace } from '../support/tenants.js';
import { outcome } from '../support/warden.js';

const MINE = 'alice';

function sharedOf(tenants: Tenants) {
  const { shared } = insideOf(insideTenants(tenants).deployment).parts;
  if (!shared) throw new Error('nothing is shared');
  return shared;
}

async function addIn(tenants: Tenants, tenant: string, text: string, user = MINE) {
  return tenants.use(agentIn(tenant, user), (warden, who) => warden.scope(who, user).add(text));
}

function readIn(tenants: Tenants, tenant: string, id: string) {
  return outcome(() =>
    tenants.use(adminIn(tenant), async (warden, who) => {
      const memory = warden.scope(who, MINE);
      const found = await memory.search('heron');
      const texts = [(await memory.get(id))?.content, ...(await memory.list()).memories.map(({ content }) => content)];
      return [...texts, ...found.map((hit) => hit.memory.content)].filter((text) => text !== undefined);
    }),
  );
}

/** Takes the row of a memory out by hand and puts it in the partition of the same user in another tenant, changed. */
async function moved(
  { warden: { store } }: TenantsPlace,
  { from, to, id, change = {} }: { from: string; to: string; id: string; change?: Readonly<Record<string, unknown>> },
): Promise<void> {
  if (store.kind === 'embedded') {
    const tables = await openTables(store.path);
    const record = { ...tables.memories.get([from, MINE, id])!, ...change } as never as { occurred_at: Date };
    await tables.memories.put([to, MINE, id], record as never);
    await tables.recent.put([to, MINE, record.occurred_at.getTime(), id], true);
    await tables.root.close();
    return;
  }
  const client = await new MongoClient(store.uri).connect();
  try {
    const rows = client.db().collection<Document & { _id: string }>('memories');
    const row = await rows.findOne({ _id: `${from}/${id}` });
    const next = { ...row, ...change, _id: `${to}/${id}`, user_id: `${to}/${MINE}` };
    await rows.replaceOne({ _id: next._id }, next, { upsert: true, writeConcern: { w: 'majority' } });
  } finally {
    await client.close();
  }
}

describeTenants(
  'tenants in one store',
  (open, store) => {
    // What stands above the stores is shown on one of them.
    const also = store === 'embedded' ? test : () => undefined;
    const two = async (options = {}, acts = {}) => {
      const opened = await open(options, acts);
      for (const id of ['acme', 'beta']) await opened.tenants.create(OPERATOR, id);
      return opened;
    };

    test('G12: a row that is moved to another tenant by hand is not released, nor with the keys that it is under', async () => {
      const { tenants, place, again } = await two();
      const { id } = await addIn(tenants, 'acme', 'the heron of acme');
      await addIn(tenants, 'beta', 'the bittern of beta');
      const own = ['the bittern of beta'];
      expect(await readIn(tenants, 'acme', id)).toContain('the heron of acme');
      for (const change of [{}, { tenant: 'beta' }]) {
        await moved(place, { from: 'acme', to: 'beta', id, change });
        expect([change, await readIn(await again(), 'beta', id)]).toEqual([change, own]);
      }
      const whole = sharedOf(tenants).keys.store;
      const [ring, other] = await Promise.all(['acme', 'beta'].map((tenant) => whole.ring({ tenant, userId: MINE })));
      for (const change of [{}, { tenant: 'beta' }]) {
        await moved(place, { from: 'acme', to: 'beta', id, change });
        const epoch = (await whole.ring({ tenant: 'beta', userId: MINE }))?.epoch;
        expect(await whole.swap({ ...ring!, ...{ tenant: 'beta' }, epoch: epoch! + 1 }, epoch)).toBe(true);
        expect(['key_refused', 'unauthentic', 'audit_unavailable']).toContain(await readIn(await again(), 'beta', id));
      }
      expect(other?.versions).toHaveLength(1);
      // Back in its place it opens: nothing but the place was wrong.
      await moved(place, { from: 'acme', to: 'acme', id });
      expect(await readIn(await again(), 'acme', id)).toContain('the heron of acme');
    });

    test('no port of a tenant takes the partition of another, nor lists it', async () => {
      const { tenants } = await two();
      await addIn(tenants, 'beta', 'the heron of beta');
      const { driver, keys } = sharedOf(tenants);
      const bound = driverOfTenant(driver, 'acme');
      const theirs = { tenant: 'beta', userId: MINE };
      const methods = everyMethod(bound, theirs, () => Promise.resolve());
      const outcomes: Record<string, unknown> = {};
      for (const [name, call] of Object.entries(methods)) outcomes[name] = await outcome(call);
      const { 'planned.insert taken': _swallowed, ...asked } = outcomes;
      const others = Object.entries(asked).filter(([, found]) => found !== 'internal' && found !== 'tenant_shared');
      expect(Object.fromEntries(others)).toEqual({
        'maintenance.partitionsToPurge': [],
        'maintenance.partitionsToRepair': [],
        'maintenance.partitions': [],
        'maintenance.estimate': 0,
        'maintenance.bury': undefined,
        'service.storeId': expect.any(String),
        'service.holdsKeyStore': false,
        'service.erasureHead': expect.any(Number),
        'service.raiseErasureHead': undefined,
        'service.unbind': 0,
        'service.bound': 'yes',
        assertMigrated: undefined,
      });
      // Each of them reaches it where it is one's own.
      expect(await driverOfTenant(driver, 'beta').maintenance.partitions(undefined, 9)).toEqual([theirs]);
      const ring = (await keys.store.ring(theirs))!;
      const own = keysOfTenant(keys.store, 'acme');
      for (const call of [
        () => own.ring(theirs),
        () => own.swap(ring, ring.epoch),
        () => own.remove(theirs, ring.epoch),
        () => own.reserve(theirs, 'x', 1),
        () => own.rings(theirs, 1),
      ])
        expect(await outcome(call)).toBe('internal');
      for (const call of [
        () => own.rewrap([]),
        () => own.put('instance', { id: 'current:cursor', value: {} }),
        () => own.add('instance', { id: 'x', value: {} }),
        () => own.documents('certificate', undefined, 9),
      ])
        expect(await outcome(call)).toBe('tenant_shared');
      expect([await own.rings(undefined, 9), await own.erasing(9)]).toEqual([[], []]);
      await bound.values.insert('credentials', 'k', '"acme"');
      for (const tenant of ['beta', 'default', 'acm'])
        expect(await driverOfTenant(driver, tenant).values.list('credentials', 9)).toEqual([]);
    });

    test('G8: a tenant, a user or a space whose name begins as another does is met by none of it', async () => {
      const { tenants } = await open();
      const names = ['a', 'a-b', 'a-bc', 'ab'];
      for (const tenant of names) {
        await tenants.create(OPERATOR, tenant);
        for (const user of ['alice', 'a/alice', 'b/alice']) await addIn(tenants, tenant, `of ${tenant} ${user}`, user);
        await tenants.use(adminIn(tenant), async (warden, who) => {
          const space = warden.space(who, 'team');
          await space.create({ onErase: 'keep' });
          await space.grant({ user: MINE }, 'write');
        });
        await tenants.use(agentIn(tenant, MINE), (warden, who) => warden.space(who, 'team').add(`space of ${tenant}`));
      }
      for (const tenant of names)
        await tenants.use(adminIn(tenant), async (warden, who) => {
          const users = (await warden.users(who, { limit: 2 })).users.map(({ userId }) => userId);
          expect(users).toEqual(['a/alice', 'alice']);
          for (const user of ['alice', 'a/alice', 'b/alice'])
            expect((await warden.scope(who, user).list()).memories.map(({ content }) => content)).toEqual([
              `of ${tenant} ${user}`,
            ]);
          expect((await warden.spaces(who)).spaces).toEqual([{ id: 'team' }]);
          // Its operators' acts go over its own alone.
          expect(await warden.keys.status(who)).toMatchObject({ users: 4 });
        });
      for (const tenant of names)
        await tenants.use(agentIn(tenant, MINE), async (warden, who) => {
          const found = await warden.space(who, 'team').list();
          expect(found.memories.map(({ content }) => content)).toEqual([`space of ${tenant}`]);
          expect((await warden.spaces(who)).spaces).toEqual([{ id: 'team', access: 'write' }]);
        });
    });

    test('G7: 200 memories of other tenants change no byte of results, ranks, scores, counts and cursors', async () => {
      const clock = () => new Date('2026-05-05T05:05:05.000Z');
      const { tenants } = await two({ warden: { clock } });
      for (const text of ['the heron', 'a heron by the water', 'nothing of it']) await addIn(tenants, 'acme', text);
      const seen = () =>
        tenants.use(adminIn('acme'), async (warden, who) => {
          const memory = warden.scope(who, MINE);
          return JSON.stringify([
            await memory.search('heron water'),
            await memory.count(),
            await memory.list({ limit: 2 }),
            await warden.users(who),
          ]);
        });
      const before = await seen();
      await tenants.use(adminIn('beta'), async (warden, who) => {
        const texts = Array.from({ length: 200 }, (_, i) => `a heron by the water ${i}`);
        await warden.scope(who, MINE).addMany(texts.map((content) => ({ content })));
        await warden.scope(who, 'bob').add('the heron');
      });
      expect(await seen()).toBe(before);
    });

    also('G21, S26: the log is one; each tenant finds its own records, under pseudonyms of its own', async () => {
      const { tenants } = await two();
      for (const tenant of ['acme', 'beta']) await addIn(tenants, tenant, `of ${tenant}`);
      const recordsOf = (tenant: string) =>
        tenants.use(adminIn(tenant), (warden, who) => warden.audit(who).query({ limit: 1_000, user: MINE }));
      const [acme, beta] = [await recordsOf('acme'), await recordsOf('beta')];
      expect([new Set(acme.map(({ tenant }) => tenant)), new Set(beta.map(({ tenant }) => tenant))]).toEqual([
        new Set(['acme']),
        new Set(['beta']),
      ]);
      const owners = [acme, beta].map((records) => new Set(records.flatMap(({ owner }) => owner ?? [])));
      expect(owners.map(({ size }) => size)).toEqual([1, 1]);
      expect(owners[0]).not.toEqual(owners[1]);
      const { deployment } = insideTenants(tenants);
      const own = await deployment.audit(OPERATOR).query({ limit: 1_000 });
      expect(own.filter(({ tenant }) => tenant !== undefined)).toEqual([]);
      const report = await deployment.audit(OPERATOR).verify();
      expect(report.findings).toEqual([]);
      expect(report.records).toBeGreaterThan(acme.length + beta.length);
    });

    also('what concerns all tenants is refused in one, with a typed error', async () => {
      const { tenants, place } = await two();
      await addIn(tenants, 'acme', 'x');
      await tenants.use(adminIn('acme'), async (warden, who) => {
        const audit = warden.audit(who);
        for (const act of [
          () => audit.verify(),
          () => audit.checkpoint(),
          () => audit.dump(join(place.folder, 'dump')),
          () => audit.prune(new Date()),
          () => warden.keys.rewrap(who, undefined),
          () => warden.keys.rotateInstanceKey(who, 'cursor'),
          () => warden.migrate(),
          () => warden.diagnose(),
        ])
          expect(await outcome(act)).toBe('tenant_shared');
        expect(await outcome(() => warden.keys.rotateUser(who, MINE))).toMatchObject({ users: 1 });
      });
      const { keys } = insideTenants(tenants).deployment;
      expect(await outcome(() => keys.rotateInstanceKey(OPERATOR, 'cursor'))).toEqual(expect.any(String));
    });

    also(
      'G27, S15: handles, keyed names, idempotency keys and API keys of one tenant are none of another',
      async () => {
        const { tenants } = await two();
        const made = await Promise.all(
          ['acme', 'beta'].map((tenant) =>
            tenants.use(adminIn(tenant), async (warden, who) => {
              const { handles, nameOf, idempotencyKey } = servicesOf(warden);
              const { key } = await warden.credentials.create(who, { role: 'agent', users: [MINE] });
              const handle = await handles.seal('memory', { owner: MINE, id: 'x' });
              return { handle, name: await nameOf(MINE), secret: (await idempotencyKey()).toString('hex'), key };
            }),
          ),
        );
        const [acme, beta] = made;
        for (const part of ['handle', 'name', 'secret', 'key'] as const) expect(acme?.[part]).not.toBe(beta?.[part]);
        await tenants.use(adminIn('beta'), async (warden, who) => {
          const { handles, apiKeys } = servicesOf(warden);
          expect(await handles.open('memory', acme?.handle ?? '')).toBeUndefined();
          expect(await handles.open('memory', beta?.handle ?? '')).toEqual({ owner: MINE, id: 'x' });
          expect(await apiKeys.authenticate(acme?.key ?? '')).toBeUndefined();
          expect(await apiKeys.authenticate(beta?.key ?? '')).toBeDefined();
          expect((await warden.credentials.list(who)).length).toBe(1);
        });
      },
    );

    test('G21, G22: what a drop destroyed does not come back with a key store that is restored', async () => {
      const { tenants, place, again } = await two();
      const { id } = await addIn(tenants, 'acme', 'the heron of acme');
      const kept = await addIn(tenants, 'beta', 'the heron of beta');
      await tenants.use(adminIn('beta'), (warden, who) => warden.keys.erase(who, 'nobody'));
      const whole = sharedOf(tenants).keys.store;
      const ring = await whole.ring({ tenant: 'acme', userId: MINE });
      const [keystore, backup] = [join(place.folder, 'keystore'), join(place.folder, 'backup')];
      if (store === 'embedded') cpSync(keystore, backup, { recursive: true });
      const certificate = await tenants.drop(OPERATOR, 'acme');
      expect(certificate.keys.users).toBe(1);
      expect(JSON.stringify(certificate)).toContain('audit log of the deployment');
      expect(await whole.ring({ tenant: 'acme', userId: MINE })).toBeUndefined();
      expect(await readIn(tenants, 'beta', kept.id)).toContain('the heron of beta');
      expect(await readIn(tenants, 'acme', id)).toBe('tenant_not_found');
      expect(await driverOfTenant(sharedOf(tenants).driver, 'acme').maintenance.partitions(undefined, 9)).toEqual([]);
      if (store !== 'embedded') return;
      await tenants.close();
      rmSync(keystore, { recursive: true });
      cpSync(backup, keystore, { recursive: true });
      expect(await outcome(() => again())).toBe('erasure_missed');
      expect((await replayErasures(OPERATOR, place.warden)).keys).toBeGreaterThan(0);
      const other = await again();
      expect(await sharedOf(other).keys.store.ring(ring!)).toBeUndefined();
      expect(await readIn(other, 'beta', kept.id)).toContain('the heron of beta');
    });

    also('a store that was made with one isolation is not opened with the other', async () => {
      const { tenants, again } = await two();
      await tenants.close();
      expect(await outcome(() => again({ isolation: 'database' }))).toBe('tenants_isolation');
      await (await again()).close();
      const other = await open({ isolation: 'database' });
      expect(await outcome(() => other.again({ isolation: 'shared' }))).toBe('tenants_isolation');
    });
  },
  ['shared'],
);
