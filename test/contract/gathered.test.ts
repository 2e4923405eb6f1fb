import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { plannedInsert } from '../../src/store/planned.js';
import { everythingIn, idsOf, namedIn, recordOf, store } from './support/records.js';
import { describeStores, freshPartition } from './support/stores.js';

const MANY = 40;
const each = <T>(make: (n: number) => T): T[] => Array.from({ length: MANY }, (_, n) => make(n));

describeStores('What many callers ask of a store at once', (fixture) => {
  test('each that reads a document of the product is given its own, and what was removed before is given to nobody', async () => {
    const { values } = fixture().driver;
    const namespace = `n-${randomUUID()}`;
    await Promise.all(each((n) => values.insert(namespace, `k${n}`, `${n}`)));
    // Others of the same key are being answered while it is taken away.
    const before = each(() => values.get(namespace, 'k7'));
    await values.remove(namespace, 'k7');
    const found = await Promise.all([...each((n) => values.get(namespace, `k${n}`)), values.get(namespace, 'none')]);
    expect(found.map((kept) => kept?.value)).toEqual([...each((n) => (n === 7 ? undefined : `${n}`)), undefined]);
    await Promise.all(before);
  });

  test('what was taken away is absent for who asks next, while readings that were sent before are under way', async () => {
    const { values } = fixture().driver;
    const namespace = `n-${randomUUID()}`;
    const inFlight: Promise<unknown>[] = [];
    for (let time = 0; time < 40; time += 1) {
      await values.insert(namespace, `k${time}`, 'there');
      let isGone = false;
      const removing = values.remove(namespace, `k${time}`).finally(() => (isGone = true));
      for (let turn = 0; turn < 1_000 && !isGone; turn += 1) {
        inFlight.push(values.get(namespace, `k${time}`));
        await new Promise(setImmediate);
      }
      await removing;
      expect(await values.get(namespace, `k${time}`)).toBeUndefined();
    }
    await Promise.all(inFlight);
  });

  test('S18: the revision of each partition is its own, and no older than the call', async () => {
    const { driver } = fixture();
    const partitions = each(() => freshPartition());
    const revisions = () => Promise.all(partitions.map((partition) => driver.planned.revision(partition)));
    expect(await revisions()).toEqual(each(() => 0));
    for (const [n, partition] of partitions.entries())
      if (n % 4 === 0) await store(driver, [recordOf(partition, namedIn(partition)(1))]);
    const raised = driver.raises;
    expect(await revisions()).toEqual(each((n) => (n % 4 === 0 ? raised : 0)));
  });

  test('each memory that is put lands in its own partition, is told of once, and leaves no writer', async () => {
    const { driver } = fixture();
    const partitions = each(() => freshPartition());
    const shared = freshPartition();
    const owners = [...partitions, ...each(() => shared)];
    await Promise.all(owners.map((owner, n) => store(driver, [recordOf(owner, namedIn(owner)(n))])));
    for (const [n, partition] of partitions.entries())
      expect(idsOf(await driver.planned.find(everythingIn(partition), 9))).toEqual([namedIn(partition)(n)]);
    expect(await driver.planned.find(everythingIn(shared), 99)).toHaveLength(MANY);
    expect(await driver.planned.revision(shared)).toBe(MANY * driver.raises);
  });

  test('an id that is taken is refused to its sender alone', async () => {
    const { driver } = fixture();
    const partition = freshPartition();
    const id = namedIn(partition);
    await store(driver, [recordOf(partition, id(3))]);
    const put = await Promise.all(
      each((n) =>
        driver.planned.insert(plannedInsert(partition, [recordOf(partition, id(n))], true, 0)).then(
          () => 'put',
          (error: unknown) => (isMemwardenError(error) ? error.code : 'other'),
        ),
      ),
    );
    expect(put).toEqual(each((n) => (n === 3 ? 'store_duplicate' : 'put')));
  });

  test('a memory that cannot be stored fails its sender alone', async () => {
    const { driver } = fixture();
    const partitions = each(() => freshPartition());
    const unfit: Record<number, object> = {
      // No policy can make these; a fault of the product could.
      3: {
        metadata: {
          toBSON() {
            throw new Error('unfit');
          },
        },
      },
      5: { content: 'x'.repeat(17 << 20) },
    };
    const isThere = await Promise.all(
      partitions.map(async (partition, n) => {
        const record = recordOf(partition, namedIn(partition)(n), unfit[n] ?? {});
        const put = driver.planned.insert(plannedInsert(partition, [record], true, 0));
        return put.then(
          () => true,
          () => n in unfit,
        );
      }),
    );
    expect(isThere).toEqual(each(() => true));
  });

  test('S22: of writers at once those behind the fence of their partition are refused, and no others', async () => {
    const { driver } = fixture();
    const fenced = freshPartition();
    await store(driver, [recordOf(fenced, namedIn(fenced)(0))]);
    await driver.maintenance.fence(fenced, 5);
    const partitions = each((n) => (n % 5 === 0 ? fenced : freshPartition()));
    const put = await Promise.all(
      partitions.map((partition, n) =>
        driver.planned
          .insert(
            plannedInsert(partition, [recordOf(partition, namedIn(partition)(n + 1))], true, n % 10 === 0 ? 5 : 4),
          )
          .then(
            () => 'put',
            (error: unknown) => (isMemwardenError(error) ? error.code : 'other'),
          ),
      ),
    );
    expect(put).toEqual(each((n) => (n % 5 === 0 && n % 10 !== 0 ? 'epoch_over' : 'put')));
  });
});
