import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPlace } from '../contract/support/place.js';
import { start, type Child } from '../contract/support/spawn.js';
import { admin, hello } from '../support/mongo/binary.js';
import { startReplicaSet, startStandalone, type Deployment } from '../support/mongo/deployment.js';
import { chance, eventually, onMongo, somebody, sum, type Figures, type Setting } from './scenario.js';
import { verify, type Tally } from './verify.js';

const WRITERS = ['a', 'b'];
const TIMEOUT_MS = 4_000;
/** An election, and the time that a killed member takes to come back. */
const RECOVERY_MS = 60_000;

type Blow = (deployment: Deployment, round: number) => Promise<void>;

/** G28: a standalone server is killed during writes and started again. */
export const standaloneKill = (setting: Setting): Promise<Figures> =>
  underBlows(setting, startStandalone, async ({ processes: [server] }) => {
    await server?.kill('SIGKILL');
    await server?.start();
  });

/** G28: the one member of a replica set is killed during writes and started again. */
export const replicaSetKill = (setting: Setting): Promise<Figures> =>
  underBlows(
    setting,
    () => startReplicaSet({ members: 1 }),
    async ({ processes: [server] }) => {
      await server?.kill('SIGKILL');
      await server?.start();
    },
  );

/** G28: the primary of three members steps down or is killed during writes. */
export const failover = (setting: Setting): Promise<Figures> =>
  underBlows(
    setting,
    () => startReplicaSet({ members: 3 }),
    async (deployment, round) => {
      const primary = await primaryOf(deployment);
      if (round % 2) {
        await primary.kill('SIGKILL');
        await eventually(() => primaryOf(deployment), RECOVERY_MS);
        return primary.start();
      }
      // The answer may be cut off: the server closes its connections when it steps down.
      await admin(primary.port, (db) => db.command({ replSetStepDown: 5, force: true })).catch(() => undefined);
      await eventually(() => primaryOf(deployment), RECOVERY_MS);
    },
  );

async function underBlows(setting: Setting, startDeployment: () => Promise<Deployment>, blow: Blow): Promise<Figures> {
  const deployment = await startDeployment();
  return onMongo(deployment, TIMEOUT_MS, async (place, openRaw) => {
    const random = chance(setting, 2);
    const driver = await openPlace({ ...place, timeoutMs: 20_000 });
    await driver.migrate();
    const raw = await openRaw();
    // A partition a process: what one of them does not know of, its lines cannot be asked for.
    const writers = WRITERS.map((name, n) => {
      const partition = somebody();
      const args = { partition, name, seed: setting.seed + n };
      return { partition, child: start({ place, task: 'workload', args }) };
    });
    try {
      for (let round = 0; round < setting.rounds; round += 1) {
        await Promise.all(writers.map(({ child }) => acknowledges(child)));
        await sleep(random() * 500);
        await blow(deployment, round);
        setting.log(`round ${round + 1}: struck`);
      }
      await Promise.all(writers.map(({ child }) => acknowledges(child)));
      const tallies: Tally[] = [];
      for (const { child, partition } of writers) {
        child.process.kill('SIGKILL');
        assert.equal((await child.ended).signal, 'SIGKILL', 'the writer ended by itself');
        await eventually(() => driver.maintenance.repair(partition, new Date(Date.now() + 1)), RECOVERY_MS);
        tallies.push(await verify(driver, raw, partition, [child.lines]));
      }
      return { blows: setting.rounds, ...sum(tallies) };
    } finally {
      for (const { child } of writers) child.process.kill('SIGKILL');
      await raw.close();
      await driver.close();
    }
  });
}

/** Waits until a writer has some more writes acknowledged: it has recovered, without being started again. */
async function acknowledges(child: Child): Promise<void> {
  const from = child.lines.length;
  const wanted = 15;
  const enough = () => child.lines.slice(from).filter((line) => line.includes('"acknowledged"')).length >= wanted;
  for (const deadline = Date.now() + RECOVERY_MS; !enough(); await sleep(20)) {
    assert.equal(child.process.exitCode, null, 'the writer ended by itself');
    assert.ok(
      Date.now() < deadline,
      `the writer did not recover; its last lines: ${child.lines.slice(-6).join(' | ')}`,
    );
  }
}

async function primaryOf({ processes }: Deployment) {
  for (const server of processes) {
    if (server.pid !== undefined && (await hello(server.port))?.isWritablePrimary) return server;
  }
  throw new Error('there is no primary');
}
