import { verify as verifySignature } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkGroup } from '../../src/audit/check.js';
import { makeCheckpoint } from '../../src/audit/checkpoint.js';
import { FileSource } from '../../src/audit/files.js';
import { beginning, type Place } from '../../src/audit/format.js';
import { publicKey } from '../../src/audit/signatures.js';
import { BufferedSink } from '../../src/audit/sinks/buffered.js';
import { FileDelivery } from '../../src/audit/sinks/file.js';
import { verifyLog } from '../../src/audit/verify.js';
import { Alarms } from '../../src/metrics/alarms.js';
import { AuditMetrics } from '../../src/metrics/audit-metrics.js';
import type { AuditSource } from '../../src/model/audit-storage.js';
import type { PublicKeyOf } from '../../src/model/signing-keys.js';
import { describeStoreKinds } from '../contract/support/stores.js';
import { randomOf } from '../contract/support/workload.js';
import { flip, flips, lineEdits, rowEdits, verdictOn, type Edit } from './support/edits.js';
import { freshKeys, keysOf, MemoryStorage, writeLog } from './support/logs.js';
import { rawAudit, rawFiles, type RawAudit } from './support/raw-audit.js';

const SEED = 20_267;
// 200 records, in groups as one caller and as many make them.
const SIZES = [...Array.from({ length: 40 }, (_, i) => 1 + (i % 4)), 30, 70];
const WHOLE = 3;
const EVERY = 701;

describe('G19: a group', () => {
  test('G19: a flipped bit is found in every byte of a log of 200 records, and every bit in its first groups', async () => {
    const { keys, key } = freshKeys();
    const storage = new MemoryStorage();
    const stream = await writeLog(storage, keys, SIZES);
    const trusted = publicKey(key.publicKey.toString('base64url'))!;
    let flipped = 0;
    let records = 0;
    const missed: string[] = [];
    let place: Place = beginning(stream);
    for await (const { group, body } of storage.groups(stream)) {
      // Every bit of every byte of all groups: npm run chaos -- --only audit-edits.
      const isWhole = group <= WHOLE;
      for (let byte = 0; byte < body.length; byte += 1) {
        for (let bit = isWhole ? 0 : byte % 8; bit < 8; bit += isWhole ? 1 : 8) {
          const found = checkGroup(place, flip(body, byte, bit));
          flipped += 1;
          if (found.ok && verifySignature(null, found.signed, trusted, found.signature))
            missed.push(`${group}:${byte}`);
        }
      }
      const sound = checkGroup(place, body);
      if (!sound.ok) throw new Error('the log is not sound to begin with');
      records += sound.records.length;
      place = sound.place;
    }
    expect(missed).toEqual([]);
    expect(records).toBe(200);
    expect(flipped).toBeGreaterThan(150_000);
  });
});

interface Scene {
  readonly raw: RawAudit;
  readonly source: AuditSource;
  readonly keyOf: PublicKeyOf;
  readonly checkpoint: string;
}

describeStoreKinds('G19: edits to the stored log', (fixture) => {
  let scene: Scene;
  beforeAll(async () => {
    const { driver, place } = fixture();
    const { keys, keyOf } = keysOf(driver.service);
    await writeLog(driver.audit, keys, SIZES);
    await writeLog(driver.audit, keys, [3, 1, 2], { open: true });
    const checkpoint = await makeCheckpoint(driver.audit, keys, new Date());
    scene = { raw: await rawAudit(place), source: driver.audit, keyOf, checkpoint };
  });
  afterAll(() => scene.raw.close());

  test('G19: a bit that is flipped, a line or a row that is deleted, doubled, swapped, moved or inserted is found', () =>
    everyEditIsFound(scene));

  test('S25: a tail that is cut off is found against a checkpoint, and without one the report says how far it is complete', async () => {
    const rows = await scene.raw.rows();
    const [, open] = [...new Set(rows.map(({ key }) => key.replace(/:.*/, '')))];
    const cut = (keys: readonly string[]): Edit => ({
      name: `cut ${keys.join()}`,
      changes: keys.map((key) => ({ key, body: undefined })),
      needsCheckpoint: true,
    });
    const opened = rows.map(({ key }) => key).filter((key) => key.startsWith(`${open}:`));
    expect(opened).toHaveLength(3);
    const registry = rows.filter(({ key }) => key.startsWith('registry')).map(({ key }) => key);
    const edits = [
      cut(opened.slice(-1)),
      cut(opened),
      cut(registry.slice(-1)),
      cut([...registry.slice(-1), ...opened]),
    ];
    for (const edit of edits) {
      const report = await verdictOn(edit, scene.raw, scene, rows);
      expect([edit.name, report.ok]).toEqual([edit.name, false]);
      expect(['tail_cut', 'stream_missing', 'stream_not_opened']).toContain(report.first?.fault);
    }
    const silent = await verdictOn({ ...cut(opened.slice(-1)), needsCheckpoint: false }, scene.raw, scene, rows);
    expect(silent).toMatchObject({
      ok: true,
      completeness: expect.stringMatching(/only up to what this store claims/),
    });
  });
});

describe('G19: the files of the file sink', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-audit-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('G19: a bit that is flipped, a line or a file that is deleted, doubled, swapped or inserted is found', async () => {
    const { keys, keyOf } = freshKeys();
    const delivery = new FileDelivery({ path: folder, maxBytes: 20_000, synced: false });
    const parts = { metrics: new AuditMetrics(), alarms: new Alarms(), clock: () => new Date() };
    const sink = new BufferedSink(delivery, { required: true, maxBufferedBytes: 1 << 20 }, parts);
    const storage = new MemoryStorage();
    await writeLog(storage, keys, SIZES, { sinks: [sink] });
    await sink.close();
    const raw = rawFiles(folder);
    expect((await raw.rows()).length).toBeGreaterThan(5);
    const checkpoint = await makeCheckpoint(storage, keys, new Date());
    await everyEditIsFound({ raw, source: new FileSource(folder), keyOf, checkpoint });
  });
});

async function everyEditIsFound(scene: Scene): Promise<void> {
  expect(await verifyLog(scene.source, scene.keyOf)).toMatchObject({ ok: true });
  const rows = await scene.raw.rows();
  const random = randomOf(SEED);
  const edits = [
    ...flips(rows, EVERY, random),
    ...sampled(lineEdits(rows), random, 60),
    ...sampled(rowEdits(rows), random, 60),
  ];
  const missed: string[] = [];
  for (const edit of edits) {
    const isTail = /^delete (?!line)/.test(edit.name);
    const report = await verdictOn(isTail ? { ...edit, needsCheckpoint: true } : edit, scene.raw, scene, rows);
    if (report.ok) missed.push(edit.name);
    else expect(report.first).toMatchObject({ stream: expect.any(String), fault: expect.any(String) });
  }
  expect(missed).toEqual([]);
  expect(edits.length).toBeGreaterThan(200);
  expect(await verifyLog(scene.source, scene.keyOf, { checkpoint: scene.checkpoint })).toMatchObject({ ok: true });
}

function sampled(edits: Iterable<Edit>, random: () => number, most: number): Edit[] {
  const all = [...edits];
  return all.filter(() => random() < most / all.length);
}
