// Writes the golden files of the present format into the folder that is named:
//   npm run build:test && node .test-build/test/crypto/golden/make.js test/crypto/golden/v1
// The files of a released format are never written again: they show that what it sealed can still be opened (G15).
import crypto from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

// Fixed initialisation vectors without a way to give them in the product: here alone, "random" bytes count up.
let counter = 0;
crypto.randomFillSync = ((into: Buffer) => {
  for (let i = 0; i < into.length; i += 1) into[i] = (counter++ * 7 + 1) & 0xff;
  return into;
}) as unknown as typeof crypto.randomFillSync;
syncBuiltinESMExports();

const { buryRecord, keepState, sealRecord } = await import('../../../src/crypto/seal/record-sealer.js');
const { deriveKeys, FORMAT_VERSION } = await import('../../../src/crypto/seal/key-schedule.js');
const { toExtendedJson } = await import('../seal/extended-json.js');
const { ALL, clearRecord, OPEN, plain, without } = await import('../seal/setting.js');

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const keys = deriveKeys(key, '000102030405060708090a0b0c0d0e0f');
const deletedAt = new Date('2026-02-01T12:00:00.000Z');
const least = without(clearRecord({ version: 1 }), 'agent_id', 'app_id', 'session_id', 'expires_at');
const LEAST = { content: 'I take the 07:40 train.' };
const EMBEDDED = { content: ALL.content, vector: ALL.vector };
const early = { occurred_at: new Date(-1), user_id: 'zoë 東京 🚆', category: 'c'.repeat(100) };
const full = sealRecord(keys, clearRecord(), OPEN);
const state = keepState(keys, full);

const cases = {
  content: { kind: 'memory', record: sealRecord(keys, least, LEAST), open: LEAST },
  full: { kind: 'memory', record: full, open: OPEN },
  unicode: { kind: 'memory', record: sealRecord(keys, clearRecord(early), { content: '' }), open: { content: '' } },
  long: {
    kind: 'memory',
    record: sealRecord(keys, clearRecord(), { content: '0123456789abcdef'.repeat(64) + '.' }),
    open: { content: '0123456789abcdef'.repeat(64) + '.' },
  },
  state: { kind: 'history', record: state, open: OPEN },
  emptied: { kind: 'history', record: without(state, 'content', 'metadata', 'speaker', 'seal'), open: {} },
  deleted: { kind: 'deleted', deletedAt, record: buryRecord(keys, full, deletedAt), open: {} },
  // Came after the others: a field of its own, behind the same version of the format.
  vector: { kind: 'memory', record: sealRecord(keys, clearRecord(), EMBEDDED), open: plain(EMBEDDED) },
} as const;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder to write into');
mkdirSync(folder, { recursive: true });
for (const [name, one] of Object.entries(cases)) {
  const { open } = one;
  const golden = {
    format: FORMAT_VERSION,
    kind: one.kind,
    ...('deletedAt' in one ? { deleted_at: { $date: one.deletedAt.toISOString() } } : {}),
    key: key.toString('hex'),
    record: toExtendedJson(one.record),
    open,
  };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(golden, null, 2)}\n`);
}
