import { parseArgs } from 'node:util';
import { findServers } from '../support/mongo/binary.js';
import { startReplicaSet, startSharded, startStandalone, type Deployment } from '../support/mongo/deployment.js';
import { auditEdits, everyBit, fileEdits } from './audit-edits.js';
import { auditKill, auditWriters } from './audit-log.js';
import { clientCrash } from './client-crash.js';
import { embeddedKill } from './embedded-kill.js';
import { embeddedOpens } from './embedded-opens.js';
import { changeKill } from './change-kill.js';
import { eachUserKill } from './each-user-kill.js';
import { exportKill } from './export-kill.js';
import { erasureKill, onFolder, onReplicaSet, rotationKill } from './key-acts.js';
import { pause } from './pause.js';
import { onEmbedded, onMongo, type MongoPlace, type Scenario } from './scenario.js';
import { failover, replicaSetKill, standaloneKill } from './server-kill.js';
import { wardenCrash } from './warden-crash.js';
import { wardenPause } from './warden-pause.js';

// Faults on real stores; exits 1 where something was lost, doubled or left behind.
const crash =
  (
    begin: () => Promise<Deployment>,
    act: (place: MongoPlace, log: (text: string) => void) => ReturnType<Scenario>,
  ): Scenario =>
  async ({ log }) =>
    onMongo(await begin(), 20_000, (place) => act(place, log));
const lone = () => startReplicaSet({ members: 1 });
const cluster = () => startSharded({ shards: 2 });

/** G20: what its row says. */
const EIGHT = { processes: 8, ms: 60_000 };

const SCENARIOS: Readonly<Record<string, { readonly run: Scenario; readonly needs?: 'mongod' | 'mongos' }>> = {
  'embedded-kill': { run: (setting) => embeddedKill({ ...setting, rounds: setting.rounds * 10 }) },
  'embedded-opens': { run: embeddedOpens },
  'client-crash-standalone': { run: crash(startStandalone, clientCrash), needs: 'mongod' },
  'client-crash-replica-set': { run: crash(lone, clientCrash), needs: 'mongod' },
  'client-crash-sharded': { run: crash(cluster, clientCrash), needs: 'mongos' },
  'warden-crash-standalone': { run: crash(startStandalone, wardenCrash), needs: 'mongod' },
  'warden-crash-replica-set': { run: crash(lone, wardenCrash), needs: 'mongod' },
  'warden-crash-sharded': { run: crash(cluster, wardenCrash), needs: 'mongos' },
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
  'each-user-kill-embedded': { run: eachUserKill(onFolder) },
  'each-user-kill-mongodb': { run: eachUserKill(onReplicaSet) },
  'export-kill-embedded': { run: (setting) => exportKill(onFolder)({ ...setting, rounds: setting.rounds * 3 }) },
  'export-kill-mongodb': {
    run: (setting) => exportKill(onReplicaSet)({ ...setting, rounds: setting.rounds * 3 }),
    needs: 'mongod',
  },
  'change-kill-embedded': { run: (setting) => changeKill(onFolder)({ ...setting, rounds: setting.rounds * 20 }) },
  'change-kill-mongodb': {
    run: (setting) => changeKill(onReplicaSet)({ ...setting, rounds: setting.rounds * 20 }),
    needs: 'mongod',
  },
  'audit-kill': {
    run: (setting) => onEmbedded((place) => auditKill(place, { ...setting, rounds: setting.rounds * 100 })),
  },
  'audit-kill-mongodb': {
    run: async (setting) =>
      onMongo(await startReplicaSet({ members: 1 }), 20_000, (place) =>
        auditKill(place, { ...setting, rounds: setting.rounds * 100 }),
      ),
    needs: 'mongod',
  },
  'audit-writers': { run: () => onEmbedded((place) => auditWriters(place, EIGHT)) },
  'audit-writers-mongodb': {
    run: async () => onMongo(await startReplicaSet({ members: 1 }), 20_000, (place) => auditWriters(place, EIGHT)),
    needs: 'mongod',
  },
  'audit-bits': { run: everyBit },
  'audit-edits-files': { run: fileEdits },
  'audit-edits': { run: (setting) => onEmbedded((place) => auditEdits(place, setting)) },
  'audit-edits-mongodb': {
    run: async (setting) => onMongo(await startStandalone(), 20_000, (place) => auditEdits(place, setting)),
    needs: 'mongod',
  },
  'standalone-kill': { run: standaloneKill, needs: 'mongod' },
  'replica-set-kill': { run: replicaSetKill, needs: 'mongod' },
  failover: { run: failover, needs: 'mongod' },
  pause: { run: pause, needs: 'mongod' },
  'warden-pause-standalone': { run: async () => wardenPause(await startStandalone()), needs: 'mongod' },
  'warden-pause-replica-set': { run: async () => wardenPause(await lone()), needs: 'mongod' },
};
const USAGE = `npm run chaos -- [--seed S] [--rounds N] [--only NAME] [--json]
scenarios: ${Object.keys(SCENARIOS).join(', ')}`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    rounds: { type: 'string', default: '10' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const rounds = Number(values.rounds);
const chosen = Object.entries(SCENARIOS).filter(([name]) => values.only === undefined || name === values.only);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(rounds) || rounds < 1 || chosen.length === 0) {
  console.error(USAGE);
  process.exit(2);
}

const servers = await findServers();
const has = { mongod: servers.kind === 'local', mongos: servers.kind === 'local' && servers.mongos !== undefined };
// With --json the last line of standard output alone: numbers under flat names, `NAME.held` among them.
const say = (text: string) => (values.json ? console.error(text) : console.log(text));
const flat: Record<string, number> = { seed, rounds };
let failures = 0;
say(`seed ${seed}, ${rounds} rounds`);
for (const [name, { run, needs }] of chosen) {
  if (needs && !has[needs]) {
    say(`${name}: SKIPPED, there is no ${needs} on this machine`);
    continue;
  }
  const begun = Date.now();
  try {
    const figures = await run({ seed, rounds, log: (text) => say(`  ${name}: ${text}`) });
    const counts = Object.entries(figures).map(([figure, count]) => `${figure} ${count}`);
    for (const [figure, count] of Object.entries(figures)) flat[`${name}.${figure}`] = count;
    flat[`${name}.held`] = 1;
    say(`${name}: held (${counts.join(', ')}; ${Math.round((Date.now() - begun) / 1_000)} s)`);
  } catch (error) {
    failures += 1;
    flat[`${name}.held`] = 0;
    say(`${name}: BROKEN with seed ${seed}: ${String((error as Error).stack)}`);
  }
}
if (values.json) console.log(JSON.stringify({ ...flat, failures }));
process.exit(failures > 0 ? 1 : 0);
