import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkGroup } from '../../src/audit/check.js';
import { makeCheckpoint } from '../../src/audit/checkpoint.js';
import { FileSource } from '../../src/audit/files.js';
import { beginning, type Place as ChainPlace } from '../../src/audit/format.js';
import { BufferedSink } from '../../src/audit/sinks/buffered.js';
import { FileDelivery } from '../../src/audit/sinks/file.js';
import { Alarms } from '../../src/metrics/alarms.js';
import { AuditMetrics } from '../../src/metrics/audit-metrics.js';
import type { AuditSource } from '../../src/model/audit-storage.js';
import type { PublicKeyOf } from '../../src/model/signing-keys.js';
import { flip, flips, lineEdits, rowEdits, verdictOn, type Edit } from '../audit/support/edits.js';
import { freshKeys, keysOf, MemoryStorage, writeLog } from '../audit/support/logs.js';
import { rawAudit, rawFiles, type RawAudit } from '../audit/support/raw-audit.js';
import { openPlace, type Place } from '../contract/support/place.js';
import { chance, type Figures, type Setting } from './scenario.js';
import { verify } from 'node:crypto';
import { publicKey } from '../../src/audit/signatures.js';

const SIZES = [...Array.from({ length: 40 }, (_, i) => 1 + (i % 4)), 30, 70];

/** G19: every bit of every byte of a log of 200 records, group by group. */
export async function everyBit(): Promise<Figures> {
  const { keys, key } = freshKeys();
  const storage = new MemoryStorage();
  const stream = await writeLog(storage, keys, SIZES);
  const trusted = publicKey(key.publicKey.toString('base64url'));
  assert.ok(trusted);
  let place: ChainPlace = beginning(stream);
  let bits = 0;
  for await (const { group, body } of storage.groups(stream)) {
    for (let at = 0; at < body.length * 8; at += 1) {
      const found = checkGroup(place, flip(body, at >> 3, at & 7));
      const believed = found.ok && verify(null, found.signed, trusted, found.signature);
      assert.ok(!believed, `group ${group}, byte ${at >> 3}, bit ${at & 7} was not found`);
      bits += 1;
    }
    const sound = checkGroup(place, body);
    assert.ok(sound.ok);
    place = sound.place;
  }
  assert.equal(place.seq, 200);
  return { bits, missed: 0 };
}

/** G19: a bit of every byte that lies in a store, and every line and row deleted, doubled, swapped and moved. */
export async function auditEdits(place: Place, setting: Setting): Promise<Figures> {
  const driver = await openPlace(place);
  await driver.migrate();
  const { keys, keyOf } = keysOf(driver.service);
  await writeLog(driver.audit, keys, SIZES);
  const checkpoint = await makeCheckpoint(driver.audit, keys, new Date());
  const raw = await rawAudit(place);
  try {
    return await every({ raw, source: driver.audit, keyOf, checkpoint }, setting);
  } finally {
    await raw.close();
    await driver.close();
  }
}

/** G19: the same in the files of the file sink. */
export async function fileEdits(setting: Setting): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-audit-'));
  try {
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    const parts = { metrics: new AuditMetrics(), alarms: new Alarms(), clock: () => new Date() };
    const delivery = new FileDelivery({ path: folder, maxBytes: 20_000, synced: false });
    const sink = new BufferedSink(delivery, { required: true, maxBufferedBytes: 1 << 20 }, parts);
    await writeLog(storage, keys, SIZES, { sinks: [sink] });
    await sink.close();
    const checkpoint = await makeCheckpoint(storage, keys, new Date());
    return await every({ raw: rawFiles(folder), source: new FileSource(folder), keyOf, checkpoint }, setting);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Scene {
  readonly raw: RawAudit;
  readonly source: AuditSource;
  readonly keyOf: PublicKeyOf;
  readonly checkpoint: string;
}

async function every(scene: Scene, setting: Setting): Promise<Figures> {
  const rows = await scene.raw.rows();
  const counts: Record<string, number> = {};
  const edits = function* (): Generator<Edit> {
    yield* flips(rows, 1, chance(setting, 6));
    yield* lineEdits(rows);
    yield* rowEdits(rows);
  };
  for (const edit of edits()) {
    const isTail = /^delete (?!line)/.test(edit.name);
    const report = await verdictOn(isTail ? { ...edit, needsCheckpoint: true } : edit, scene.raw, scene, rows);
    assert.ok(!report.ok, `${edit.name} was not found`);
    const kind = edit.name.split(' ', 1)[0] ?? '';
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return { ...counts, missed: 0 };
}
