import { createHash } from 'node:crypto';
import { deriveKeys, type DerivedKeys } from '../../../src/crypto/seal/key-schedule.js';
import type { MemoryRecord, OpenFields } from '../../../src/model/fields.js';

/** A user's key that comes from a name, and the keys derived from it. */
export function keysOf(name: string, keyId = idOf(name)): DerivedKeys {
  return deriveKeys(keyOf(name), keyId);
}

/** 32 bytes that come from a name. */
export function keyOf(name: string): Buffer {
  return createHash('sha256').update(`key of ${name}`).digest();
}

/** A key id that comes from a name. */
export function idOf(name: string): string {
  return createHash('sha256').update(`id of ${name}`).digest('hex').slice(0, 32);
}

/** A record with every field in clear. */
export function clearRecord(more: Partial<MemoryRecord> = {}): MemoryRecord {
  return {
    id: '019a5c1e-7b00-7000-8000-0000000000a1',
    tenant: 'default',
    user_id: 'alice',
    sensitivity: 'private',
    category: 'general',
    agent_id: 'assistant',
    app_id: 'desk',
    session_id: 'session-7',
    occurred_at: new Date('2026-01-01T09:00:00.000Z'),
    created_at: new Date('2026-01-02T10:00:00.001Z'),
    updated_at: new Date('2026-01-03T11:00:00.002Z'),
    expires_at: new Date('2027-01-01T00:00:00.000Z'),
    version: 3,
    ...more,
  };
}

export const OPEN = {
  content: 'Takes the 07:40 train on Tuesdays. Zürich, 東京, 🚆',
  metadata: { seat: 'window', stops: [1, 2.5, null], nested: { ok: true } },
  speaker: 'alice',
} as const satisfies OpenFields;

/** The same, and a vector. */
export const ALL = {
  ...OPEN,
  vector: { modelId: 'tiny:é', values: Float32Array.of(0.6, -0.8) },
} as const satisfies OpenFields;

/** A record without some of its fields. */
export function without(record: MemoryRecord, ...names: readonly (keyof MemoryRecord)[]): MemoryRecord {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name as never))) as MemoryRecord;
}

/** Opened fields as JSON has them: the numbers of a vector are a list. */
export function plain({ vector, ...rest }: OpenFields): object {
  return vector ? { ...rest, vector: { ...vector, values: [...vector.values] } } : rest;
}

/** What a call throws: its code, or `undefined` where it throws nothing. */
export function codeOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}
