import '../support/fresh-lmdb.js';
import { expect, test } from '@jest/globals';
import { chained, headLine, recordLine } from '../../src/audit/format.js';
import { verifyLog } from '../../src/audit/verify.js';
import { freshKeys, MemoryStorage, writeLog } from '../audit/support/logs.js';

const SINCE = { since: new Date(0) };

// verify.ts looks for the time of a group with an unanchored expression in its last 700 bytes; what stands there before
// the head line is a record, which whoever edits the rows writes.
test('G19: an edited record is found by a verification of the range in which it lies', async () => {
  const { keys, keyOf } = freshKeys();
  const storage = new MemoryStorage();
  const stream = await writeLog(storage, keys, [3, 3, 3]);
  expect((await verifyLog(storage, keyOf, SINCE)).ok).toBe(true);
  const body = storage.rows.get(stream)!.get(2)!;
  const lines = body.toString('utf8').split('\n');
  const decoy = '{"head":{"at":"1960-01-01T00:00:00.000Z"}}';
  // The last record of the group becomes another one: who read what is gone.
  lines[2] = lines[2]!.replace(/"record":.*,"seq":/, `"record":${decoy},"seq":`);
  storage.rows.get(stream)!.set(2, Buffer.from(lines.join('\n')));
  expect((await verifyLog(storage, keyOf)).ok).toBe(false);
  expect((await verifyLog(storage, keyOf, SINCE)).ok).toBe(false);
});

test('G19: a record that is no JSON is a finding, not an exception', async () => {
  const { keys, keyOf } = freshKeys();
  const storage = new MemoryStorage();
  const stream = await writeLog(storage, keys, [1]);
  const [line, head] = storage.rows.get(stream)!.get(1)!.toString('utf8').split('\n') as [string, string];
  const { seq } = JSON.parse(line) as { seq: number };
  const record = '{"phase":"intent" alice takes insulin';
  const { beginning } = await import('../../src/audit/format.js');
  const hash = chained(beginning(stream).hash, record);
  const parsed = JSON.parse(head) as { head: { hash: string }; sig: string };
  const { canonical } = await import('../../src/audit/format.js');
  const forged = headLine(canonical({ ...parsed.head, hash }), parsed.sig);
  storage.rows.get(stream)!.set(1, Buffer.from(`${recordLine(record, { hash, seq, stream })}\n${forged}\n`));
  const report = await verifyLog(storage, keyOf).catch((error: unknown) => error);
  expect(report).toMatchObject({ ok: false });
});
