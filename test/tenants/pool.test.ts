import { expect, test } from '@jest/globals';
import { insideTenants } from '../../src/tenants/tenants.js';
import { Coalesced } from '../../src/tenants/coalesced.js';
import { Pool } from '../../src/tenants/pool.js';
import { adminIn, agentIn, describeTenantsApart, OPERATOR } from '../support/tenants.js';
import { outcome } from '../support/warden.js';

const OPTIONS = { maxOpen: 2, idleMs: 60_000, waitMs: 1_000 };

/** Something that is opened and closed, slowly, and says whether it is used after its end. */
class Slow {
  static log: string[] = [];
  isClosed = false;
  constructor(readonly name: string) {}
  async close() {
    await turn();
    this.isClosed = true;
    Slow.log.push(`close ${this.name}`);
  }
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
const slowly = async (name: string) => {
  await turn();
  Slow.log.push(`open ${name}`);
  return new Slow(name);
};

test('first uses of one name at once open it once', async () => {
  Slow.log = [];
  const pool = new Pool(slowly, OPTIONS);
  const leases = await Promise.all(Array.from({ length: 20 }, () => pool.lease('a')));
  expect(new Set(leases.map(({ value }) => value)).size).toBe(1);
  expect(pool.counters).toEqual({ open: 1, leases: 20, opened: 1, closed: 0 });
  leases.forEach(({ release }) => (release(), release()));
  expect(pool.counters.leases).toBe(0);
  await pool.close();
  expect(Slow.log).toEqual(['open a', 'close a']);
});

test('one that is held is never closed to make room; the least recently used of the others is', async () => {
  const pool = new Pool(slowly, OPTIONS);
  const held = await pool.lease('a');
  for (const name of ['b', 'c', 'd', 'b']) {
    const lease = await pool.lease(name);
    expect([lease.value.isClosed, held.value.isClosed]).toEqual([false, false]);
    expect(pool.counters.open).toBeLessThanOrEqual(2);
    lease.release();
  }
  expect((await pool.lease('a')).value).toBe(held.value);
  await pool.close();
});

test('where all are held a call waits for one to be released, and not for ever', async () => {
  const pool = new Pool(slowly, { ...OPTIONS, waitMs: 50 });
  const [a] = await Promise.all([pool.lease('a'), pool.lease('b')]);
  expect(await outcome(() => pool.lease('c'))).toBe('tenants_busy');
  expect(await outcome(() => pool.drop('a'))).toBe('tenants_busy');
  const patient = new Pool(slowly, OPTIONS);
  const [first] = await Promise.all([patient.lease('a'), patient.lease('b')]);
  const waiting = patient.lease('c');
  await turn();
  first.release();
  expect((await waiting).value.name).toBe('c');
  a.release();
  await Promise.all([pool.close(), patient.close()]);
  expect(await outcome(() => pool.lease('a'))).toBe('closed');
});

test('one that could not be opened takes no room, and is tried again', async () => {
  let tries = 0;
  const pool = new Pool((name) => (++tries < 3 ? Promise.reject(new Error('down')) : slowly(name)), OPTIONS);
  expect((await Promise.allSettled([pool.lease('a'), pool.lease('a')])).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
  ]);
  expect(pool.counters).toMatchObject({ open: 0, leases: 0 });
  expect(await outcome(() => pool.lease('a'))).toMatchObject({ message: 'down' });
  const lease = await pool.lease('a');
  expect(tries).toBe(3);
  lease.release();
  await pool.close();
});

test('one that nobody has used for a while is closed; one that is held is not', async () => {
  const pool = new Pool(slowly, OPTIONS);
  const [a, b] = await Promise.all([pool.lease('a'), pool.lease('b')]);
  b.release();
  await pool.closeIdle(performance.now() + 59_000);
  expect(pool.counters.open).toBe(2);
  await pool.closeIdle(performance.now() + 61_000);
  expect([a.value.isClosed, b.value.isClosed]).toEqual([false, true]);
  await pool.close();
});

test('a question that is joined is asked after the call that joins it, never before', async () => {
  let [asked, state] = [0, 'active'];
  const answers: ((value: string) => void)[] = [];
  const question = new Coalesced(() => {
    asked += 1;
    const seen = state;
    return new Promise<string>((resolve) => void answers.push(() => resolve(seen)));
  });
  const before = question.get('acme');
  state = 'dropped';
  const after = [question.get('acme'), question.get('acme'), question.get('acme')];
  answers.shift()?.('');
  expect(await before).toBe('active');
  await turn();
  expect(asked).toBe(2);
  answers.shift()?.('');
  expect(await Promise.all(after)).toEqual(['dropped', 'dropped', 'dropped']);
});

describeTenantsApart('tenants that are open', (open, store) => {
  // What stands above the stores is shown on one of them.
  const also = store === 'embedded' ? test : () => undefined;

  test('closing by LRU and opening again loses nothing, with requests to more tenants at once than may be open', async () => {
    const { tenants } = await open({ maxOpen: 2, warden: {} });
    const ids = ['a', 'b', 'c', 'd'];
    for (const id of ids) await tenants.create(OPERATOR, id);
    await Promise.all(
      ids.flatMap((id) =>
        Array.from({ length: 5 }, (_, i) =>
          tenants.use(agentIn(id, 'alice'), (warden, who) => warden.scope(who, 'alice').add(`${id} ${i}`)),
        ),
      ),
    );
    for (const id of ids) {
      const page = await tenants.use(agentIn(id, 'alice'), (warden, who) => warden.scope(who, 'alice').list());
      expect(page.memories.map(({ content }) => content).sort()).toEqual([0, 1, 2, 3, 4].map((i) => `${id} ${i}`));
      expect(tenants.counters.open).toBeLessThanOrEqual(2);
    }
    expect(tenants.counters.closed).toBeGreaterThanOrEqual(2);
  });

  test('a tenant that was dropped is refused at the next request of another process, which closes what it had open', async () => {
    const { tenants, again } = await open();
    await tenants.create(OPERATOR, 'acme');
    const other = await again();
    await other.use(agentIn('acme', 'alice'), (warden, who) => warden.scope(who, 'alice').add('x'));
    expect(other.counters.open).toBe(1);
    await tenants.drop(OPERATOR, 'acme');
    const use = () => other.use(adminIn('acme'), () => Promise.resolve('used'));
    expect(await outcome(use)).toBe('tenant_not_found');
    expect(other.counters.leases).toBe(0);
    await other.close();
    expect(await outcome(use)).toBe('closed');
  });

  also('a drop waits for who uses the tenant, and says so where that takes too long', async () => {
    const { tenants } = await open({ warden: { timeoutMs: 2_000 } });
    await tenants.create(OPERATOR, 'acme');
    const held = await tenants.lease('acme');
    expect(await outcome(() => tenants.drop(OPERATOR, 'acme'))).toBe('tenants_busy');
    expect(await held.value.users({ id: 'officer', role: 'admin' })).toMatchObject({ users: [] });
    held.release();
    expect(await tenants.drop(OPERATOR, 'acme')).toMatchObject({ tenant: 'acme' });
  });

  also('an API key of a tenant is made behind a note of whose it is', async () => {
    const { tenants } = await open();
    await tenants.create(OPERATOR, 'acme');
    const made = await tenants.use(adminIn('acme'), (warden, who) =>
      warden.credentials.create(who, { role: 'agent', users: ['alice'] }),
    );
    const { directory } = insideTenants(tenants);
    expect(await directory.tenantOf(made.credential.prefix)).toBe('acme');
    await tenants.drop(OPERATOR, 'acme');
    expect(await directory.tenantOf(made.credential.prefix)).toBeUndefined();
  });
});
