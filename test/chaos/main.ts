import { parseArgs } from 'node:util';
import { findServers } from '../support/mongo/binary.js';
import { startReplicaSet, startSharded, startStandalone, type Deployment } from '../support/mongo/deployment.js';
import { clientCrash } from './client-crash.js';
import { embeddedKill } from './embedded-kill.js';
import { embeddedOpens } from './embedded-opens.js';
import { erasureKill, onFolder, onReplicaSet, rotationKill } from './key-acts.js';
import { pause } from './pause.js';
import { onMongo, type Scenario } from './scenario.js';
import { failover, replicaSetKill, standaloneKill } from './server-kill.js';

// npm run chaos -- [--seed S] [--rounds N] [--only NAME]: faults on real stores; exits 1 where something was lost,
// doubled or left behind.
const crash =
  (begin: () => Promise<Deployment>): Scenario =>
  async ({ log }) =>
    onMongo(await begin(), 20_000, (place) => clientCrash(place, log));

const SCENARIOS: Readonly<Record<string, { readonly run: Scenario; readonly needs?: 'mongod' | 'mongos' }>> = {
  'embedded-kill': { run: (setting) => embeddedKill({ ...setting, rounds: setting.rounds * 10 }) },
  'embedded-opens': { run: embeddedOpens },
  'rotation-kill-embedded': { run: (setting) => rotationKill(onFolder)({ ...setting, rounds: setting.rounds * 20 }) },
  'erasure-kill-embedded': { run: (setting) => erasureKill(onFolder)({ ...setting, rounds: setting.rounds * 20 }) },
  'rotation-kill-mongodb': {
    run: (setting) => rotationKill(onReplicaSet)({ ...setting, rounds: setting.rounds * 20 }),
    needs: 'mongod',
  },
  'erasure-kill-mongodb': {
    run: (setting) => erasureKill(onReplicaSet)({ ...setting, rounds: setting.rounds * 20 }),
    needs: 'mongod',
  },
  'client-crash-standalone': { run: crash(startStandalone), needs: 'mongod' },
  'client-crash-replica-set': { run: crash(() => startReplicaSet({ members: 1 })), needs: 'mongod' },
  'client-crash-sharded': { run: crash(() => startSharded({ shards: 2 })), needs: 'mongos' },
  'standalone-kill': { run: standaloneKill, needs: 'mongod' },
  'replica-set-kill': { run: replicaSetKill, needs: 'mongod' },
  failover: { run: failover, needs: 'mongod' },
  pause: { run: pause, needs: 'mongod' },
};

const { values } = parseArgs({
  options: { seed: { type: 'string' }, rounds: { type: 'string', default: '10' }, only: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const rounds = Number(values.rounds);
const chosen = Object.entries(SCENARIOS).filter(([name]) => values.only === undefined || name === values.only);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(rounds) || rounds < 1 || chosen.length === 0) {
  console.error(`Usage: npm run chaos -- [--seed S] [--rounds N] [--only ${Object.keys(SCENARIOS).join('|')}]`);
  process.exit(2);
}

const servers = await findServers();
const has = { mongod: servers.kind === 'local', mongos: servers.kind === 'local' && servers.mongos !== undefined };
let failures = 0;
console.log(`seed ${seed}, ${rounds} rounds`);
for (const [name, { run, needs }] of chosen) {
  if (needs && !has[needs]) {
    console.log(`${name}: SKIPPED, there is no ${needs} on this machine`);
    continue;
  }
  const begun = Date.now();
  try {
    const figures = await run({ seed, rounds, log: (text) => console.log(`  ${name}: ${text}`) });
    const counts = Object.entries(figures).map(([figure, count]) => `${figure} ${count}`);
    console.log(`${name}: held (${counts.join(', ')}; ${Math.round((Date.now() - begun) / 1_000)} s)`);
  } catch (error) {
    failures += 1;
    console.log(`${name}: BROKEN with seed ${seed}: ${String((error as Error).stack)}`);
  }
}
process.exit(failures > 0 ? 1 : 0);
