import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreDriver } from '../../src/store/driver.js';
import type { Partition } from '../../src/store/partition.js';
import { openPlace } from '../contract/support/place.js';
import {
  at,
  codeOf,
  everythingIn,
  namedIn,
  nextOf,
  recordOf,
  store,
  changeOf,
  targetsOf,
} from '../contract/support/records.js';
import { startReplicaSet, startStandalone, type Deployment } from '../support/mongo/deployment.js';
import { eventually, onMongo, somebody, type Scenario } from './scenario.js';

const TIMEOUT_MS = 2_000;
const PAUSE_MS = 10_000;

/** A server that stands still for 10 seconds: a typed timeout in time, and the same client goes on afterwards. */
export const pause: Scenario = async () => {
  const figures: Record<string, number> = {};
  for (const [name, begin] of [
    ['standalone', startStandalone],
    ['replica_set', () => startReplicaSet({ members: 1 })],
  ] as const) {
    const { longest, recovered } = await pauseOnce(await begin());
    figures[`${name}_longest_wait_ms`] = longest;
    figures[`${name}_recovered_ms`] = recovered;
  }
  return figures;
};

/** A way of asking a driver, of each kind of call. */
function callsOf(driver: StoreDriver, partition: Partition): Record<string, () => Promise<unknown>> {
  const id = namedIn(partition);
  const query = everythingIn(partition);
  const record = recordOf(partition, id(1));
  let fresh = 1;
  const next = () => recordOf(partition, id((fresh += 1)));
  return {
    findOne: () => driver.planned.findOne(query, id(1)),
    find: () => driver.planned.find(query, 9),
    count: () => driver.planned.count(query),
    insert: () => store(driver, [next()]),
    together: () => store(driver, [next(), next()], true),
    replace: () => driver.planned.replace(query, changeOf(record, nextOf(record)), 0),
    remove: () => driver.planned.remove(query, targetsOf([record]), at(1), 0),
    revision: () => driver.planned.revision(partition),
  };
}

async function pauseOnce(deployment: Deployment): Promise<{ longest: number; recovered: number }> {
  return onMongo(deployment, TIMEOUT_MS, async (place) => {
    const driver = await openPlace(place);
    try {
      await driver.migrate();
      const partition = somebody();
      const kept = recordOf(partition, namedIn(partition)('kept'), { occurred_at: at(1) });
      await store(driver, [kept]);
      const [server] = deployment.processes;
      await server?.kill('SIGSTOP');
      // Every thread of the server stops at its own next moment.
      await sleep(1_000);
      const until = Date.now() + PAUSE_MS;
      const outcomes = await Promise.all(
        Object.entries(callsOf(driver, partition)).map(async ([name, call]) => {
          const begun = Date.now();
          const code = await codeOf(call());
          return { name, code, took: Date.now() - begun };
        }),
      );
      for (const { name, code, took } of outcomes) {
        assert.equal(code, 'store_timeout', `${name} ended in ${String(code)} after ${took} ms`);
        assert.ok(took < TIMEOUT_MS * 2 + 1_000, `${name} took ${took} ms`);
      }
      await sleep(Math.max(0, until - Date.now()));
      await server?.kill('SIGCONT');
      const resumed = Date.now();
      await eventually(() => store(driver, [recordOf(partition, namedIn(partition)(`later ${Date.now()}`))]), 15_000);
      const recovered = Date.now() - resumed;
      assert.deepEqual(await driver.planned.findOne(everythingIn(partition), kept.id), kept);
      await driver.maintenance.repair(partition, new Date(Date.now() + 1));
      assert.equal(typeof (await driver.planned.revision(partition)), 'number');
      return { longest: Math.max(...outcomes.map(({ took }) => took)), recovered };
    } finally {
      await driver.close();
    }
  });
}
