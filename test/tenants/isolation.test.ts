import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { importerOf, storeIdOf } from '../../src/internals.js';
import type { Warden } from '../../src/warden.js';
import { adminIn, agentIn, describeTenants, OPERATOR } from '../support/tenants.js';
import { insideTenants } from '../../src/tenants/tenants.js';
import { recordDraft } from '../../src/memory/import.js';

// The long form: MEMWARDEN_TENANTS=1000 npm test -- test/tenants/isolation -t 'shared.*G1, G21'
const LONG = process.env['MEMWARDEN_TENANTS'];
// Most of a tenant's time is waits for a disk, which others may keep busy.
const LONG_MS_EACH = 10_000;
const USERS = ['alice', 'bob'];

describeTenants('tenants with the same users and memories', (open, store, isolation) => {
  // What stands above the stores is shown on one of them.
  const also = store === 'embedded' ? test : () => undefined;
  const count = LONG ? Number(LONG) : store === 'mongodb' ? 4 : isolation === 'shared' ? 12 : 20;
  const ids = Array.from({ length: count }, (_, i) => `t-${String(i)}`);
  const memoryIds = USERS.map((_, i) => `01890000-0000-7000-8000-00000000000${i}`);
  const textOf = (tenant: string, user: string) => `The secret word of ${user} is w${tenant.replace('-', 'x')}z.`;

  test(
    `G1, G21: ${count} tenants with the same user ids and memory ids: no read, list, search, export, erasure, audit or drop crosses`,
    async () => {
      const { tenants, place } = await open({ maxOpen: 4 });
      for (const tenant of ids) {
        await tenants.create(OPERATOR, tenant);
        await tenants.use(adminIn(tenant), async (warden, who) => {
          for (const [i, user] of USERS.entries())
            await importerOf(warden, who).store({ user }, [
              { ...recordDraft({ content: textOf(tenant, user) }, new Date()), id: memoryIds[i] ?? '' },
            ]);
        });
      }
      const storeIds = new Set<string>();
      const look = async (tenant: string, warden: Warden, who: Parameters<Warden['scope']>[0]) => {
        const own = Object.fromEntries(
          await Promise.all(
            USERS.map(async (user, i) => {
              const memory = warden.scope(who, user);
              const word = `w${tenant.replace('-', 'x')}z`;
              const other = ids[(ids.indexOf(tenant) + 1) % ids.length] ?? '';
              return [
                user,
                {
                  get: (await memory.get(memoryIds[i] ?? ''))?.content,
                  list: (await memory.list()).memories.map(({ content }) => content),
                  found: (await memory.search(word)).map(({ memory: { content } }) => content),
                  others: (await memory.search(`w${other.replace('-', 'x')}z`)).map(
                    ({ memory: { content } }) => content,
                  ),
                  count: await memory.count(),
                },
              ] as const;
            }),
          ),
        );
        return own;
      };
      const expected = (tenant: string, user: string) => {
        const text = textOf(tenant, user);
        const found = { get: text, list: [text], found: [text], count: 1 };
        return expect.objectContaining(found);
      };
      for (const tenant of ids) {
        await tenants.use(adminIn(tenant), async (warden, who) => {
          const own = await look(tenant, warden, who);
          for (const user of USERS) expect(own[user]).toEqual(expected(tenant, user));
          const foreign = JSON.stringify(own).match(/wtx\d+z/g) ?? [];
          expect(new Set(foreign)).toEqual(new Set([`w${tenant.replace('-', 'x')}z`]));
          expect((await warden.users(who)).users.map(({ userId }) => userId)).toEqual(USERS);
          storeIds.add(await storeIdOf(warden));
        });
      }
      expect(storeIds.size).toBe(isolation === 'database' ? count : 1);
      const [first = '', second = '', third = ''] = ids;

      const out = join(place.folder, 'out.ndjson');
      await tenants.use(adminIn(second), (warden, who) => warden.export(who, { users: 'all', out }));
      const exported = readFileSync(out, 'utf8');
      expect([...new Set(exported.match(/wtx\d+z/g))]).toEqual([`w${second.replace('-', 'x')}z`]);

      await tenants.use(adminIn(first), (warden, who) => warden.keys.erase(who, 'alice'));
      const left = (tenant: string, user: string) =>
        tenants.use(adminIn(tenant), (warden, who) => warden.scope(who, user).count());
      expect([await left(first, 'alice'), await left(first, 'bob')]).toEqual([0, 1]);
      for (const tenant of [second, third]) expect(await left(tenant, 'alice')).toBe(1);

      // A tenant's log tells of its own acts alone, and the deployment's of none of theirs.
      const actsOf = (tenant: string) =>
        tenants.use(adminIn(tenant), async (warden, who) => {
          const records = await warden.audit(who).query({ limit: 1_000 });
          return new Set(records.map(({ act }) => act));
        });
      expect((await actsOf(first)).has('erase')).toBe(true);
      expect((await actsOf(second)).has('erase')).toBe(false);
      const { deployment } = insideTenants(tenants);
      const verified =
        isolation === 'database'
          ? await tenants.use(adminIn(third), (warden, who) => warden.audit(who).verify())
          : await deployment.audit(OPERATOR).verify();
      expect(verified.findings).toEqual([]);
      const own = await deployment.audit(OPERATOR).query({ limit: 100_000 });
      expect(own.filter(({ act, subject }) => act === 'erase' || subject === 'Memory')).toEqual([]);

      await tenants.drop(OPERATOR, second);
      for (const tenant of [first, third]) expect(await left(tenant, 'bob')).toBe(1);
      expect(tenants.counters.closed).toBeGreaterThanOrEqual(count - 4);
    },
    LONG ? 60_000 + count * LONG_MS_EACH : 60_000,
  );

  test('G21: an agent of a tenant reaches nothing of another by the same names, whichever it names', async () => {
    const { tenants } = await open();
    for (const tenant of ['acme', 'beta']) await tenants.create(OPERATOR, tenant);
    const { id } = await tenants.use(agentIn('acme', 'alice'), (warden, who) =>
      warden.scope(who, 'alice').add('of acme'),
    );
    await tenants.use(agentIn('beta', 'alice'), async (warden, who) => {
      const memory = warden.scope(who, 'alice');
      expect(await memory.get(id)).toBeNull();
      expect(await memory.count()).toBe(0);
      await expect(memory.update(id, { content: 'x' })).rejects.toMatchObject({ code: 'not_found' });
      await expect(memory.delete(id)).rejects.toMatchObject({ code: 'not_found' });
      await expect(memory.history(id)).rejects.toMatchObject({ code: 'not_found' });
    });
    const mine = await tenants.use(agentIn('acme', 'alice'), (warden, who) => warden.scope(who, 'alice').get(id));
    expect(mine?.content).toBe('of acme');
  });

  also('G21: a cursor of one tenant is none of another', async () => {
    const { tenants } = await open();
    const cursors: string[] = [];
    for (const tenant of ['acme', 'beta']) {
      await tenants.create(OPERATOR, tenant);
      await tenants.use(agentIn(tenant, 'alice'), async (warden, who) => {
        const memory = warden.scope(who, 'alice');
        for (const text of ['one', 'two']) await memory.add(text);
        cursors.push((await memory.list({ limit: 1 })).cursor ?? '');
      });
    }
    const list = (cursor: string) =>
      tenants.use(agentIn('beta', 'alice'), (warden, who) => warden.scope(who, 'alice').list({ limit: 1, cursor }));
    await expect(list(cursors[0] ?? '')).rejects.toMatchObject({ code: 'invalid_cursor' });
    expect((await list(cursors[1] ?? '')).memories).toHaveLength(1);
  });

  const apart = isolation === 'database' ? test : () => undefined;
  apart('a store that was put in the place of another tenant is refused', async () => {
    const { tenants, place, again } = await open();
    for (const tenant of ['acme', 'beta']) await tenants.create(OPERATOR, tenant);
    await tenants.close();
    await swap(place.warden, 'acme', 'beta');
    const other = await again();
    const use = other.use(adminIn('beta'), (warden, who) => warden.users(who));
    await expect(use).rejects.toMatchObject({ code: store === 'embedded' ? 'tenant_foreign' : expect.any(String) });
  });
});

/** Everything of one tenant is moved to where another's was: files of the embedded store, or the key files on MongoDB. */
async function swap(
  {
    store,
    keys,
  }: { readonly store: { readonly kind: string; readonly path?: string }; readonly keys?: { readonly kms?: string } },
  from: string,
  to: string,
): Promise<void> {
  const { rename, rm } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const kek = join(dirname((keys?.kms ?? '').slice('local:'.length)), 'tenants');
  const folder = dirname(dirname(kek));
  const folders = store.path === undefined ? [kek] : [kek, `${store.path}.tenants`, join(folder, 'keystore.tenants')];
  for (const place of folders) {
    await rm(join(place, to), { recursive: true });
    await rename(join(place, from), join(place, to));
  }
}
