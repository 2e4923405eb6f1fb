import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { verifyTenantCertificate } from '../../src/compliance/tenant-certificate.js';
import { insideTenants, type Tenants } from '../../src/tenants/tenants.js';
import { insideOf } from '../../src/warden.js';
import { adminIn, agentIn, describeTenants, OPERATOR } from '../support/tenants.js';
import { outcome } from '../support/warden.js';

/** What a crash is to those who come after: the act ends there, and nothing after it is done. */
class Crash extends Error {}

const crashAt = (name: string) => {
  let isDone = false;
  return (step: string) => {
    if (isDone || step !== name) return;
    isDone = true;
    throw new Crash(name);
  };
};
const HOSTILE = ['', '.', '..', '../b', 'a/b', 'a\\b', 'A', 'aA', '-a', 'a-', 'a b', 'a.b', 'a$', 'a\0', 'a\n', 'ä'];
const MORE = ['a'.repeat(41), 'default', 'a%2fb', '__proto__', 'a_b', 'ａ', null, 1, ['a'], { toString: () => 'a' }];

describeTenants('the life of a tenant', (open, store, isolation) => {
  // What stands above the stores is shown on one of them.
  const also = store === 'embedded' ? test : () => undefined;

  test('a tenant is made, listed, used and dropped with a certificate that is checked offline', async () => {
    const { tenants, place } = await open();
    await tenants.create(OPERATOR, 'acme');
    await tenants.create(OPERATOR, 'beta');
    const { id } = await tenants.use(agentIn('acme', 'alice'), (warden, who) =>
      warden.scope(who, 'alice').add('Alice is vegetarian.'),
    );
    const read = (tenant: string) =>
      tenants.use(agentIn(tenant, 'alice'), (warden, who) => warden.scope(who, 'alice').get(id));
    expect((await read('acme'))?.content).toBe('Alice is vegetarian.');
    expect(await read('beta')).toBeNull();

    const certificate = await tenants.drop(OPERATOR, 'acme');
    const jwks = JSON.stringify(await insideTenants(tenants).deployment.keys.publicKeys());
    expect(verifyTenantCertificate(JSON.stringify(certificate), jwks)).toEqual(certificate);
    const changed = JSON.stringify({ ...certificate, tenant: 'beta' });
    expect(() => verifyTenantCertificate(changed, jwks)).toThrow('certificate');
    expect(certificate).toMatchObject({ tenant: 'acme', keys: { users: 1 } });
    expect(certificate.keys.keys).toBeGreaterThanOrEqual(1);
    expect(await outcome(() => read('acme'))).toBe('tenant_not_found');
    expect(await read('beta')).toBeNull();
    expect(await tenants.list(OPERATOR)).toMatchObject([
      { id: 'acme', state: 'dropped' },
      { id: 'beta', state: 'active' },
    ]);
    expect(await tenants.drop(OPERATOR, 'acme')).toEqual(certificate);
    if (isolation === 'shared') return;
    expect(existsSync(join(place.folder, 'keys', 'tenants', 'acme'))).toBe(false);
    expect(existsSync(join(place.folder, 'keys', 'tenants', 'beta'))).toBe(true);
    if (store === 'embedded') {
      expect(existsSync(join(place.folder, 'data.tenants', 'acme'))).toBe(false);
      expect(existsSync(join(place.folder, 'keystore.tenants', 'acme'))).toBe(false);
      expect(existsSync(join(place.folder, 'data.tenants', 'beta'))).toBe(true);
    }
  });

  also('the id of a tenant is never given twice, also not after it was dropped', async () => {
    const { tenants } = await open();
    await tenants.create(OPERATOR, 'acme');
    expect(await outcome(() => tenants.create(OPERATOR, 'acme'))).toBe('tenant_exists');
    await tenants.drop(OPERATOR, 'acme');
    expect(await outcome(() => tenants.create(OPERATOR, 'acme'))).toBe('tenant_exists');
  });

  also('only an admin of the deployment makes, lists and drops tenants; one of a tenant does not', async () => {
    const { tenants } = await open();
    await tenants.create(OPERATOR, 'acme');
    const agent = { id: 'bot', role: 'agent', userId: 'alice' };
    for (const who of [agent, { id: 'job', role: 'export' }, { id: 'x', role: 'nobody' }]) {
      expect(await outcome(() => tenants.create(who, 'other'))).toBe('forbidden');
      expect(await outcome(() => tenants.list(who))).toBe('forbidden');
      expect(await outcome(() => tenants.drop(who, 'acme'))).toBe('forbidden');
    }
    for (const act of [
      () => tenants.create(adminIn('acme'), 'other'),
      () => tenants.list(adminIn('acme')),
      () => tenants.drop(adminIn('acme'), 'acme'),
    ])
      expect(await outcome(act)).toBe('invalid_principal');
    expect((await tenants.list(OPERATOR)).map(({ id }) => id)).toEqual(['acme']);
  });

  also('G3: an id that is no plain name is refused everywhere, and makes nothing', async () => {
    const { tenants } = await open();
    for (const id of [...HOSTILE, ...MORE] as string[]) {
      const use = () => tenants.use({ ...adminIn('x'), tenant: id }, (warden, who) => warden.users(who));
      for (const act of [() => tenants.create(OPERATOR, id), () => tenants.drop(OPERATOR, id), use])
        expect([id, await outcome(act)]).toEqual([id, 'invalid_tenant']);
    }
    expect(await tenants.list(OPERATOR)).toEqual([]);
    expect(tenants.counters.opened).toBe(0);
  });

  also(
    'a principal without a tenant, of one that is not there, or of one half made is refused, and opens nothing',
    async () => {
      const { tenants } = await open({}, { step: crashAt('create.made') });
      const act = () => Promise.reject(new Error('no act may run'));
      const { tenant: _tenant, ...bare } = adminIn('x');
      expect(await outcome(() => tenants.use(bare as never, act))).toBe('tenant_required');
      const inherited = Object.create({ tenant: 'x' }) as never;
      expect(await outcome(() => tenants.use(inherited, act))).toBe('tenant_required');
      expect(await outcome(() => tenants.use(new Proxy(adminIn('x'), {}), act))).toBe('invalid_principal');
      expect(await outcome(() => tenants.use(adminIn('absent'), act))).toBe('tenant_not_found');
      expect(await outcome(() => tenants.create(OPERATOR, 'half'))).toBeInstanceOf(Crash);
      expect(await outcome(() => tenants.use(adminIn('half'), act))).toBe('tenant_not_found');
      expect(tenants.counters.opened).toBe(0);
    },
  );

  also('a warden of a tenant takes no principal that names one: not even its own', async () => {
    const { tenants } = await open();
    await tenants.create(OPERATOR, 'acme');
    await tenants.use(adminIn('acme'), async (warden) => {
      expect(await outcome(() => warden.users(adminIn('acme')))).toBe('invalid_principal');
      expect(await outcome(() => warden.users(adminIn('beta')))).toBe('invalid_principal');
    });
  });

  test.each(['create.registered', 'create.made'])('a making that is cut off at %s is gone on with', async (at) => {
    const { tenants, again } = await open({}, { step: crashAt(at) });
    expect(await outcome(() => tenants.create(OPERATOR, 'acme'))).toBeInstanceOf(Crash);
    expect(await tenants.list(OPERATOR)).toMatchObject([{ id: 'acme', state: 'creating' }]);
    const other = await again({}, {});
    expect(await other.create(OPERATOR, 'acme')).toMatchObject({ id: 'acme', state: 'active' });
    await tenants.use(agentIn('acme', 'alice'), (warden, who) => warden.scope(who, 'alice').add('x'));
    expect(await other.use(agentIn('acme', 'alice'), (warden, who) => warden.scope(who, 'alice').count())).toBe(1);
  });

  also('a making that is cut off can be dropped as well', async () => {
    const { tenants } = await open({}, { step: crashAt('create.registered') });
    expect(await outcome(() => tenants.create(OPERATOR, 'acme'))).toBeInstanceOf(Crash);
    expect(await tenants.drop(OPERATOR, 'acme')).toMatchObject({ tenant: 'acme', keys: { users: 0, keys: 0 } });
  });

  test('a drop that is cut off at each step is refused everywhere at once, and gone on with', async () => {
    const left = new Set(['drop.marked', 'drop.counted', 'drop.keys-gone', 'drop.data-gone', 'drop.swept']);
    const step = (name: string) => {
      if (left.delete(name)) throw new Crash(name);
    };
    const { tenants, again } = await open({}, { step });
    const other = await again({}, {});
    for (const id of ['acme', 'beta']) {
      await tenants.create(OPERATOR, id);
      await other.use(agentIn(id, 'alice'), (warden, who) => warden.scope(who, 'alice').add(`of ${id}`));
    }
    const count = (id: string) =>
      outcome(() => other.use(agentIn(id, 'alice'), (warden, who) => warden.scope(who, 'alice').count()));
    for (let cuts = 5; cuts > 0; cuts -= 1) {
      expect(await outcome(() => tenants.drop(OPERATOR, 'acme'))).toBeInstanceOf(Crash);
      expect(left.size).toBe(cuts - 1);
      expect(await count('acme')).toBe('tenant_not_found');
      expect(await outcome(() => other.create(OPERATOR, 'acme'))).toBe('tenant_exists');
      expect(await other.list(OPERATOR)).toMatchObject([{ state: 'dropping' }, { state: 'active' }]);
    }
    const certificate = await other.drop(OPERATOR, 'acme');
    expect(certificate).toMatchObject({ tenant: 'acme', keys: { users: 1 } });
    expect(await tenants.drop(OPERATOR, 'acme')).toEqual(certificate);
    expect([await count('acme'), await count('beta')]).toEqual(['tenant_not_found', 1]);
  });

  test('what a process that had the tenant open made anew after its drop is swept with it', async () => {
    const { tenants, place, again } = await open();
    await tenants.create(OPERATOR, 'acme');
    const straggler = await again();
    const late = await again();
    const held = await straggler.lease('acme');
    const dropping = await again(
      {},
      {
        wait: async () => {
          await outcome(() => held.value.scope({ id: 'bot', role: 'agent', userId: 'alice' }, 'alice').add('late'));
          held.release();
          // One that had asked whether the tenant is in use, and only then came to open it.
          expect(await outcome(() => late.lease('acme', true))).toBe('tenant_not_found');
        },
      },
    );
    await dropping.drop(OPERATOR, 'acme');
    const left = isolation === 'shared' ? await leftOf(tenants, 'acme') : await namesOf(place.warden.store);
    expect(left.filter((name) => name.includes('acme'))).toEqual([]);
  });

  also('G18: making, listing, refusing and dropping tenants are on record', async () => {
    const { tenants } = await open();
    await tenants.create(OPERATOR, 'acme');
    await tenants.list(OPERATOR);
    await outcome(() => tenants.create({ id: 'x', role: 'export' }, 'beta'));
    await tenants.drop(OPERATOR, 'acme');
    const records = await insideTenants(tenants).deployment.audit(OPERATOR).query({ limit: 100 });
    const acts = records
      .filter(({ subject }) => subject === 'Tenant')
      .map(({ act, phase, outcome: end }) => `${act} ${phase} ${end}`);
    expect([...acts].sort()).toEqual([
      'tenant.create intent allowed',
      'tenant.create read denied',
      'tenant.create result allowed',
      'tenant.drop intent allowed',
      'tenant.drop result allowed',
      'tenant.list read allowed',
    ]);
  });
});

/** What the stores that tenants share have of one. */
async function leftOf(tenants: Tenants, tenant: string): Promise<string[]> {
  const { shared } = insideOf(insideTenants(tenants).deployment).parts;
  if (!shared) throw new Error('nothing is shared');
  const { keys, driver } = shared;
  const lists: unknown[] = [];
  for await (const space of driver.lists.spaces()) lists.push(space);
  const all = [
    ...(await keys.store.rings(undefined, 1_000)),
    ...(await driver.maintenance.partitions(undefined, 1_000)),
  ];
  return [...all, ...lists].map((one) => JSON.stringify(one)).filter((text) => text.includes(`"${tenant}"`));
}

/** The names of databases, or of the folders of tenants, that are there. */
async function namesOf(store: {
  readonly kind: string;
  readonly uri?: string;
  readonly path?: string;
}): Promise<string[]> {
  if (store.uri === undefined) {
    const { readdir } = await import('node:fs/promises');
    return readdir(`${store.path ?? ''}.tenants`);
  }
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(store.uri);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const [own = ''] = /memwarden_test_[0-9a-f]+/.exec(store.uri) ?? [];
    return databases.map(({ name }) => name).filter((name) => name.startsWith(own));
  } finally {
    await client.close();
  }
}
