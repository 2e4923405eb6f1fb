import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startStandalone } from '../support/mongo/deployment.js';
import { embeddedStore } from './embedded-store.js';
import { mongoStore } from './mongo-store.js';
import { runParity } from './run.js';
import type { ParityStore } from './store.js';
import type { Tally } from './tally.js';

const USAGE = 'usage: npm run parity -- --store mongodb|embedded [--cases N] [--seed S[,S...]] [--json]';

interface Asked {
  readonly store: 'mongodb' | 'embedded';
  readonly cases: number;
  readonly seeds: readonly number[];
  readonly json: boolean;
}

function parse(): Asked | undefined {
  try {
    const options = {
      store: { type: 'string' },
      cases: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const { store, cases = '100000', seed = '1', json = false } = parseArgs({ options }).values;
    const seeds = [...new Set(seed.split(',').map(Number))];
    const areFit =
      Number.isSafeInteger(Number(cases)) &&
      Number(cases) > 0 &&
      seeds.every((one) => Number.isInteger(one) && one >= 0 && one < 2 ** 32);
    if ((store !== 'mongodb' && store !== 'embedded') || !areFit) return undefined;
    return { store, cases: Number(cases), seeds, json };
  } catch {
    return undefined;
  }
}

async function onMongo(work: (store: ParityStore) => Promise<Tally>): Promise<Tally> {
  const given = process.env['MEMWARDEN_TEST_MONGODB_URI'];
  if (given) return onDatabase(inDatabase(given, `memwarden_parity_${randomBytes(6).toString('hex')}`), work);
  const deployment = await startStandalone();
  try {
    return await onDatabase(inDatabase(deployment.uri, 'memwarden_parity'), work);
  } finally {
    await deployment.stop();
  }
}

async function onDatabase(uri: string, work: (store: ParityStore) => Promise<Tally>): Promise<Tally> {
  const store = await mongoStore(uri);
  try {
    const tally = await work(store);
    await store.clear();
    return tally;
  } finally {
    await store.close();
  }
}

// The database of a URI with credentials is also where the user is looked up.
function inDatabase(uri: string, name: string): string {
  const [, server = '', database, query = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri) ?? [];
  const login = server.includes('@') && !/authSource=/i.test(query) ? [`authSource=${database || 'admin'}`] : [];
  const options = [...(query ? [query] : []), ...login];
  return `${server}/${name}${options.length ? `?${options.join('&')}` : ''}`;
}

async function onEmbedded(work: (store: ParityStore) => Promise<Tally>): Promise<Tally> {
  const store = await embeddedStore();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function main(): Promise<number> {
  const asked = parse();
  if (!asked) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const started = performance.now();
  const onPool = (tally: Tally) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${tally.cases} cases, ${tally.disagreements} disagreements`);
  };
  const work = (store: ParityStore) => runParity(store, { ...asked, onPool });
  const tally = await (asked.store === 'mongodb' ? onMongo(work) : onEmbedded(work));
  const degenerate = tally.degenerate();
  const figures = {
    store: asked.store,
    seeds: asked.seeds.join(','),
    seeds_used: [...tally.casesOfSeed.values()].filter((cases) => cases > 0).length,
    cases: tally.cases,
    allowed: tally.allowed,
    denied: tally.denied,
    disagreements: tally.disagreements,
    rule_sets: tally.ruleSets,
    queries: tally.queries,
    plans_of_nothing: tally.plansOfNothing,
    cases_with_fields: tally.withFields,
    pools: tally.pools,
    allowed_of_well_formed: Number(tally.allowedOfSound.toFixed(3)),
    degenerate: degenerate.length,
    seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
  };
  for (const { what, seed, ruleSet, text } of tally.findings)
    process.stderr.write(`\n${what} (seed ${seed}, rule set ${ruleSet})\n  ${text}\n`);
  for (const reason of degenerate) process.stderr.write(`\ndegenerate: ${reason}\n`);
  if (process.stderr.isTTY) process.stderr.write('\n');
  const lines = Object.entries(figures).map(([name, value]) => `${name.replaceAll('_', ' ').padEnd(24)}${value}`);
  process.stdout.write(asked.json ? `${JSON.stringify(figures)}\n` : `${lines.join('\n')}\n`);
  return tally.disagreements > 0 || degenerate.length > 0 ? 1 : 0;
}

process.exitCode = await main();
