import { randomBytes } from 'node:crypto';
import { KeyCache } from '../../../src/crypto/key-cache.js';
import { ALICE } from '../../crypto/kms/support/context.js';
import { DRIVERS } from '../../crypto/kms/support/drivers.js';
import type { Figures } from '../figures.js';
import { compete, microseconds } from '../rounds.js';
import type { Suite } from '../suite.js';

const KEYS = 10_000;
const IN_PROCESS = ['local', 'client-held'];

/**
 * One wrap and one unwrap of a 256-bit key by each driver. Those of key services talk to a small server in this process
 * over a real socket: client, signature, HTTP and server, without a network and without the service's own time.
 */
export const kms: Suite = async (figures, { quick }) => {
  for (const name of Object.keys(DRIVERS)) await driver(figures, name, quick);
  await cache(figures, quick);
};

async function driver(figures: Figures, name: string, quick: boolean): Promise<void> {
  const setting = await DRIVERS[name]?.();
  if (!setting) throw new Error(`no driver ${name}`);
  const opened = await setting.open();
  try {
    const key = randomBytes(32);
    const wrapped = await opened.wrap(key, ALICE);
    const latencies = await compete(
      [
        { name: 'wrap', run: () => opened.wrap(key, ALICE) },
        { name: 'unwrap', run: () => opened.unwrap(wrapped, ALICE) },
      ],
      { rounds: quick ? 3 : 15, calls: quick ? 25 : IN_PROCESS.includes(name) ? 2_000 : 200 },
    );
    const note = IN_PROCESS.includes(name) ? {} : { note: 'server in this process, no network' };
    const prefix = `crypto.kms.${name.replace('-', '_')}`;
    for (const act of ['wrap', 'unwrap'])
      figures.add({ name: `${prefix}.${act}.us`, ...microseconds(latencies, act, 0.5), unit: 'us', ...note });
  } finally {
    await opened.close();
    await setting.stop();
  }
}

async function cache(figures: Figures, quick: boolean): Promise<void> {
  const [hits, misses] = [await fullCache(), await fullCache()];
  const latencies = await compete(
    [
      { name: 'hit', run: (i) => hits.use(`user-${i % KEYS}`, (key) => key[0]) },
      { name: 'miss', run: (i) => misses.use(`other-${i}`, (key) => key[0]) },
    ],
    { rounds: quick ? 3 : 15, calls: quick ? 25 : 2_000 },
  );
  figures.add({ name: 'crypto.key_cache.hit.us', ...microseconds(latencies, 'hit', 0.5), unit: 'us' });
  figures.add({
    name: 'crypto.key_cache.miss.us',
    ...microseconds(latencies, 'miss', 0.5),
    unit: 'us',
    note: 'full: evicts and wipes; the load itself takes no time here',
  });
  for (const keys of [hits, misses]) keys.close();
}

async function fullCache(): Promise<KeyCache<Buffer>> {
  const keys = new KeyCache<Buffer>({
    load: () => Promise.resolve(randomBytes(32)),
    wipe: (key) => key.fill(0),
    max: KEYS,
  });
  for (let i = 0; i < KEYS; i += 1) await keys.use(`user-${i}`, () => undefined);
  return keys;
}
