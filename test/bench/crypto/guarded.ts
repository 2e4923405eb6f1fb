import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { noAuditor } from '../../support/no-auditor.js';
import { KeyRings } from '../../../src/crypto/keys/key-rings.js';
import { openKms } from '../../../src/crypto/kms/open.js';
import type { KeyStore } from '../../../src/model/key-store.js';
import type { Kms } from '../../../src/model/kms.js';
import { rewrap } from '../../../src/compliance/rewrap.js';
import { openWarden } from '../../../src/warden.js';
import { openEmbeddedKeys } from '../../../src/store/keys/embedded.js';
import { BARE, compose, type Composition, type StorePlace } from '../composition.js';
import { agentOf, ADMIN, userName } from '../data.js';
import { progress, type Figures } from '../figures.js';
import { openServer } from '../places.js';
import { POLICIES } from '../project.js';
import { compete, microseconds, quantile, ratio } from '../rounds.js';
import type { Suite } from '../suite.js';

const TEXT = (n: number) => `On day ${n % 365} the user said that item ${n * 7919} should be kept. ${'x'.repeat(220)}`;

/** What encryption adds to a guarded read, and how fast keys are rotated, rewrapped and destroyed. */
export const guarded: Suite = async (figures, { quick }) => {
  const folder = await mkdtemp(join(tmpdir(), 'memwarden-bench-'));
  const server = await openServer();
  try {
    const keyStore = await openEmbeddedKeys(join(folder, 'keystore'));
    const kms = await openKms(`local:${join(folder, 'keys', 'kek')}`, { create: true });
    const rings = new KeyRings({ store: keyStore, kms, clock: () => new Date(), cacheMs: 60_000, cacheMax: 10_000 });
    const sealed = { sealer: rings, auditor: noAuditor };
    const embedded = (name: string): StorePlace => ({ kind: 'embedded', path: join(folder, name) });
    await reads(
      figures,
      'embedded',
      await compose(embedded('clear'), BARE),
      await compose(embedded('sealed'), sealed),
      quick,
    );
    if (server) {
      const mongo = (): StorePlace => ({ kind: 'mongodb', uri: server.database() });
      await reads(figures, 'mongodb', await compose(mongo(), BARE), await compose(mongo(), sealed), quick);
    }
    await coldUser(figures, keyStore, kms);
    rings.close();
    await keyStore.close();
    await acts(figures, 'embedded', folder, embedded('acts'), undefined, quick);
    if (server)
      await acts(figures, 'mongodb', folder, { kind: 'mongodb', uri: server.database() }, server.database(), quick);
    await manyKeys(figures, folder, kms, quick);
    await kms.close();
  } finally {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

async function reads(figures: Figures, store: string, clear: Composition, sealed: Composition, quick: boolean) {
  progress(`crypto: guarded reads, ${store}`);
  const users = 50;
  const listed = quick ? 1_000 : 10_000;
  const ids = new Map<Composition, string[]>();
  for (const side of [clear, sealed]) {
    const made: string[] = [];
    for (let user = 0; user < users; user += 1) {
      const [memory] = await side.scope(agentOf(user), userName(user)).addMany([{ content: TEXT(user) }]);
      made.push(memory!.id);
    }
    ids.set(side, made);
    const many = side.scope(agentOf(999), userName(999));
    for (let n = 0; n < listed; n += 1_000)
      await many.addMany(Array.from({ length: 1_000 }, (_, i) => ({ content: TEXT(n + i) })));
  }
  const get = (side: Composition) => (i: number) =>
    side.scope(agentOf(i % users), userName(i % users)).get(ids.get(side)![i % users]!);
  const gets = [
    { name: 'clear', run: get(clear) },
    { name: 'sealed', run: get(sealed) },
  ];
  const latencies = await compete(gets, { rounds: quick ? 3 : 15, calls: quick ? 100 : 600 });
  for (const { name } of gets)
    figures.add({ name: `crypto.get.${store}.${name}.p50`, ...microseconds(latencies, name, 0.5), unit: 'us' });
  const target = store === 'mongodb' ? { target: { max: 1.25 } } : {};
  figures.add({ name: `crypto.get.${store}.ratio`, ...ratio(latencies, 'sealed', 'clear', 0.5), unit: 'x', ...target });
  const walk = async (side: Composition) => {
    const memory = side.scope(agentOf(999), userName(999));
    let cursor: string | undefined;
    const start = performance.now();
    do {
      const page = await memory.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
      cursor = page.cursor;
    } while (cursor !== undefined);
    return performance.now() - start;
  };
  const more: number[] = [];
  for (let round = 0; round < (quick ? 2 : 7); round += 1) {
    const [a, b] =
      round % 2 ? [await walk(clear), await walk(sealed)] : [await walk(sealed), await walk(clear)].reverse();
    if (round > 0) more.push(b! - a!);
  }
  more.sort((x, y) => x - y);
  const bound = listed === 10_000 ? { target: { max: 150 } } : {};
  figures.add({ name: `crypto.list_10000.${store}.added`, value: quantile(more, 0.5), unit: 'ms', ...bound });
  await clear.close();
  await sealed.close();
}

async function coldUser(figures: Figures, store: KeyStore, kms: Kms) {
  let calls = 0;
  const slow: Kms = {
    kekId: kms.kekId,
    wrap: (key, context) => kms.wrap(key, context),
    async unwrap(key, context) {
      calls += 1;
      await new Promise((done) => setTimeout(done, 20));
      return kms.unwrap(key, context);
    },
    close: () => Promise.resolve(),
  };
  const rings = new KeyRings({ store, kms: slow, clock: () => new Date(), cacheMs: 60_000, cacheMax: 100 });
  const unlock = { partition: { tenant: 'default', userId: userName(1) } };
  const start = performance.now();
  await Promise.all(Array.from({ length: 100 }, () => rings.reading(unlock, () => Promise.resolve())));
  figures.add({
    name: 'crypto.cold_user.ms',
    value: performance.now() - start,
    unit: 'ms',
    note: '100 requests, 20 ms KMS',
  });
  figures.add({ name: 'crypto.cold_user.kms_calls', value: calls, target: { max: 1 } });
  rings.close();
}

async function acts(
  figures: Figures,
  name: string,
  folder: string,
  store: StorePlace,
  keysUri: string | undefined,
  quick: boolean,
) {
  progress(`crypto: rotating and erasing, ${name}`);
  const waits: number[] = [];
  const keys = {
    store: keysUri
      ? ({ kind: 'mongodb', uri: keysUri } as const)
      : ({ kind: 'embedded', path: join(folder, 'acts.keystore') } as const),
    kms: `local:${join(folder, `acts-${name}`, 'kek')}`,
    ledger: join(folder, `acts-${name}`, 'ledger'),
  };
  const warden = await openWarden(
    { store, keys, policies: POLICIES, migrate: true },
    { wait: (ms) => (waits.push(ms), Promise.resolve()) },
  );
  const count = quick ? 2_000 : 100_000;
  const memory = warden.scope(ADMIN, 'rotated');
  for (let n = 0; n < count; n += 1_000)
    await memory.addMany(Array.from({ length: 1_000 }, (_, i) => ({ content: TEXT(n + i) })));
  const [first] = (await memory.list({ limit: 1 })).memories;
  const latencies: number[] = [];
  let running = true;
  const reader = (async () => {
    while (running) {
      const start = performance.now();
      if (!(await memory.get(first!.id))) throw new Error('a reader found nothing');
      latencies.push(performance.now() - start);
      await new Promise((done) => setTimeout(done, 5));
    }
  })();
  const rotating = performance.now();
  const rotated = await warden.keys.rotateUser(ADMIN, 'rotated');
  const seconds = (performance.now() - rotating) / 1_000;
  running = false;
  await reader;
  if (rotated.rows !== count) throw new Error('rows were left');
  figures.add({ name: `crypto.rotate.${name}.per_s`, value: count / seconds, unit: 'memories/s' });
  figures.add({
    name: `crypto.rotate.${name}.readers_p99`,
    value: quantile(
      latencies.sort((a, b) => a - b),
      0.99,
    ),
    unit: 'ms',
  });
  const erasing = performance.now();
  const certificate = await warden.keys.erase(ADMIN, 'rotated');
  if (certificate.deleted.memories !== count) throw new Error('the certificate counts wrong');
  const note = `of ${count} memories; the wait of S22 (${waits.at(-1)} ms) left out`;
  figures.add({ name: `crypto.erase.${name}.s`, value: (performance.now() - erasing) / 1_000, unit: 's', note });
  await warden.close();
}

async function manyKeys(figures: Figures, folder: string, kms: Kms, quick: boolean) {
  const users = quick ? 5_000 : 1_000_000;
  progress(`crypto: the keys of ${users} users`);
  const store = await openEmbeddedKeys(join(folder, 'many'));
  const rings = new KeyRings({ store, kms, clock: () => new Date(), cacheMs: 60_000, cacheMax: 10_000 });
  const before = memory();
  const making = performance.now();
  for (let n = 0; n < users; n += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        rings.writing(
          { partition: { tenant: 'default', userId: `user-${n + i}` } },
          { messages: 1, create: true },
          () => Promise.resolve(),
        ),
      ),
    );
  }
  figures.add({
    name: 'crypto.keys.made_per_s',
    value: (users / (performance.now() - making)) * 1_000,
    unit: 'users/s',
  });
  figures.add({
    name: 'crypto.keys.cache_mib',
    value: (memory() - before) / 2 ** 20,
    unit: 'MiB',
    note: `${rings.size} of ${users} held`,
  });
  rings.close();
  const next = await openKms(`local:${join(folder, 'next', 'kek')}`, { create: true });
  const start = performance.now();
  const result = await rewrap(store, kms, next);
  if (result.users !== users) throw new Error('users were left');
  figures.add({ name: 'crypto.rewrap.per_s', value: (users / (performance.now() - start)) * 1_000, unit: 'users/s' });
  await next.close();
  await store.close();
}

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}
