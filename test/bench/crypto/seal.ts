import { randomBytes } from 'node:crypto';
import { deriveKeys, newKeyId, type DerivedKeys } from '../../../src/crypto/seal/key-schedule.js';
import {
  keepState,
  openRecord,
  resealRecord,
  sealRecord,
  verifyClear,
  verifyRecord,
} from '../../../src/crypto/seal/record-sealer.js';
import { openValue, sealValue, type Place } from '../../../src/crypto/seal/sealed-value.js';
import type { MemoryRecord, SealedName } from '../../../src/model/fields.js';
import { progress, type Figures } from '../figures.js';
import { compete, microseconds, type Contender } from '../rounds.js';
import type { Suite } from '../suite.js';

const SIZES = [300, 4_096, 65_536];
const CONTENT: readonly SealedName[] = ['content'];
const PLACE: Place = {
  tenant: 'default',
  user_id: 'user-0000042',
  id: '019a5c1e-7b00-7000-8000-0000000000a1',
  version: 3,
};

/** The sealed format alone, on one core: single values, then whole records. */
export const seal: Suite = async (figures, options) => {
  const keys = deriveKeys(randomBytes(32), newKeyId());
  for (const size of SIZES) await values(figures, keys, size, options.quick);
  await records(figures, keys, options.quick);
};

async function values(figures: Figures, keys: DerivedKeys, size: number, quick: boolean): Promise<void> {
  const text = 'x'.repeat(size);
  const sealed = sealValue(keys, PLACE, 'memory', 'content', text);
  const calls = Math.max(4, Math.round(18_000 / (size + 300)));
  const latencies = await measure(quick, calls, [
    ['seal', () => sealValue(keys, PLACE, 'memory', 'content', text)],
    ['open', () => openValue(keys, PLACE, 'memory', 'content', sealed)],
  ]);
  for (const name of ['seal', 'open']) {
    const { value, spread } = latencies(name);
    const target = name === 'open' && size === 300 ? { target: { min: 100_000 } } : {};
    figures.add({ name: `crypto.${name}_${size}.us`, value, spread, unit: 'us' });
    figures.add({ name: `crypto.${name}_${size}.per_s`, value: 1e6 / value, unit: '1/s', ...target });
  }
}

async function records(figures: Figures, keys: DerivedKeys, quick: boolean): Promise<void> {
  const other = deriveKeys(randomBytes(32), newKeyId());
  const open = { content: 'x'.repeat(300) };
  const full = { ...open, metadata: { topic: 'travel', score: 0.5 }, speaker: 'alice' };
  const record = sealRecord(keys, clear(), open);
  const { content: _, ...look } = record;
  const latencies = await measure(quick, 15, [
    ['derive', () => deriveKeys(RAW, record.key_id as string)],
    ['seal_record', () => sealRecord(keys, record, open)],
    ['seal_record_full', () => sealRecord(keys, record, full)],
    ['verify', () => verifyRecord(keys, record)],
    ['verify_clear', () => verifyClear(keys, { ...look })],
    ['verify_and_open', () => verifyRecord(keys, record) && openRecord(keys, record, CONTENT)],
    ['keep', () => keepState(keys, record)],
    ['reseal', () => resealRecord(keys, other, record, 'memory')],
  ]);
  const notes: Readonly<Record<string, string>> = {
    derive: 'once for each key that is loaded',
    seal_record: 'content of 300 B alone',
    seal_record_full: 'content, metadata and speaker',
    verify: 'content of 300 B alone; so the next ones',
    verify_clear: 'the look of a miss (S10)',
    keep: 'a past state: verify, open, seal with both MACs',
    reseal: 'rotation: verify, open, seal',
  };
  for (const name of [
    'derive',
    'seal_record',
    'seal_record_full',
    'verify',
    'verify_clear',
    'verify_and_open',
    'keep',
    'reseal',
  ]) {
    const target = name === 'verify_and_open' ? { target: { max: 12 } } : {};
    const note = notes[name];
    figures.add({ name: `crypto.${name}.us`, ...latencies(name), unit: 'us', ...target, ...(note ? { note } : {}) });
  }
}

const RAW = randomBytes(32);

function clear(): MemoryRecord {
  const { tenant, user_id, id, version } = PLACE;
  const [occurred_at, created_at, updated_at] = [1, 2, 3].map((n) => new Date(Date.UTC(2026, 0, n))) as [
    Date,
    Date,
    Date,
  ];
  const sensitivity = 'private';
  const more = { agent_id: 'assistant', session_id: 'session-0000007' };
  return {
    id,
    tenant,
    user_id,
    sensitivity,
    category: 'general',
    ...more,
    occurred_at,
    created_at,
    updated_at,
    version,
  };
}

async function measure(
  quick: boolean,
  calls: number,
  work: readonly (readonly [string, () => unknown])[],
): Promise<(name: string) => { value: number; spread: number }> {
  progress(`crypto: ${work.map(([name]) => name).join(', ')}`);
  // A call is too short for a clock, so some of them count as one: so few that most batches run between two turns of
  // the system's scheduler, which other work may make long.
  const contenders = work.map(([name, call]): Contender => ({
    name,
    run() {
      for (let i = 0; i < calls; i += 1) sink = call();
    },
  }));
  const latencies = await compete(contenders, { rounds: quick ? 3 : 15, calls: quick ? 25 : 200 });
  return (name) => {
    const { value, spread } = microseconds(latencies, name, 0.5);
    return { value: value / calls, spread: spread / calls };
  };
}

let sink: unknown;
process.on('exit', () => void sink);
