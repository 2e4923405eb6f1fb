import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { findServers } from './mongo/binary.js';
import { type Deployment, startReplicaSet, startSharded, startStandalone } from './mongo/deployment.js';
import { makeScratch } from './scratch.js';

type Started = { kind: string; uri: string }[];

declare global {
  // For global-teardown.ts; Jest runs both in one process.
  var memwardenDeployments: Deployment[] | undefined;
  var memwardenScratch: string | undefined;
}

const HOW_TO_ENABLE = [
  'To run them: put mongod (4.4 or newer) and mongos on the PATH, or name them in MONGOD and MONGOS,',
  'or name a server that may be WIPED in MEMWARDEN_TEST_MONGODB_URI.',
];

export default async function globalSetup(): Promise<void> {
  const scratch = (globalThis.memwardenScratch = makeScratch());
  // Checkpoints of the audit log go outside the store; those of tests nowhere near the project.
  process.env['MEMWARDEN_CHECKPOINTS'] = mkdtempSync(join(scratch, 'checkpoints-'));
  process.env['MEMWARDEN_TEST_DEPLOYMENTS'] = JSON.stringify(await start());
}

async function start(): Promise<Started> {
  if (process.env['MEMWARDEN_TEST_ONLY'] === 'embedded') return none('MEMWARDEN_TEST_ONLY=embedded', []);
  const servers = await findServers();
  if (servers.kind === 'given') return [servers];
  if (servers.kind === 'none') return none('no mongod found, and none could be downloaded', HOW_TO_ENABLE);
  // What the search found, so that a suite that starts a deployment of its own does not search again.
  process.env['MONGOD'] = servers.mongod;
  if (servers.mongos) process.env['MONGOS'] = servers.mongos;
  else shout(['The SHARDED MongoDB suites are SKIPPED: no mongos found.', 'Put it on the PATH or name it in MONGOS.']);
  return startAll([
    startStandalone(),
    startReplicaSet({ members: 1 }),
    ...(servers.mongos ? [startSharded({ shards: 2 })] : []),
  ]);
}

async function startAll(starts: Promise<Deployment>[]): Promise<Started> {
  const results = await Promise.allSettled(starts);
  const deployments = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (failures.length > 0) {
    await Promise.all(deployments.map((deployment) => deployment.stop()));
    throw new Error(`MongoDB did not start: ${failures.map(String).join('\n')}`);
  }
  globalThis.memwardenDeployments = deployments;
  return deployments.map(({ kind, uri }) => ({ kind, uri }));
}

function none(reason: string, advice: string[]): Started {
  if (process.env['MEMWARDEN_REQUIRE_MONGODB'] === '1') {
    throw new Error(`MEMWARDEN_REQUIRE_MONGODB=1, but the MongoDB suites cannot run: ${reason}`);
  }
  shout([`The MongoDB suites are SKIPPED: ${reason}.`, ...advice]);
  return [];
}

function shout(lines: string[]): void {
  const rule = '!'.repeat(110);
  process.stderr.write(`\n${[rule, ...lines.map((line) => `!! ${line}`), rule].join('\n')}\n\n`);
}
