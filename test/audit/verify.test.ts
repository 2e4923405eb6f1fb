import { describe, expect, test } from '@jest/globals';
import { verifyLog } from '../../src/audit/verify.js';
import { makeCheckpoint } from '../../src/audit/checkpoint.js';
import { freshKeys, MemoryStorage, writeLog } from './support/logs.js';

const SIZES = Array.from({ length: 50 }, (_, i) => [1, 2, 4, 9][i % 4]!);

describe('verify', () => {
  test('S25: a log that nobody touched verifies, every record and every head of it', async () => {
    const { keys, keyOf } = freshKeys();
    const storage = new MemoryStorage();
    await writeLog(storage, keys, SIZES);
    const report = await verifyLog(storage, keyOf);
    expect(report).toMatchObject({ ok: true, findings: [], streams: 1, records: SIZES.reduce((a, b) => a + b) });
    const checkpoint = await makeCheckpoint(storage, keys, new Date());
    expect(await verifyLog(storage, keyOf, { checkpoint })).toMatchObject({ ok: true });
  });
});
