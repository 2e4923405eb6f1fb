import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  buryRecord,
  keepState,
  openRecord,
  sealRecord,
  verifyClear,
  verifyRecord,
  verifyState,
} from '../../../src/crypto/seal/record-sealer.js';
import { FIELDS, SEALED, type MemoryRecord } from '../../../src/model/fields.js';
import { clearRecord, codeOf, keysOf, ALL as OPEN, without } from './setting.js';

const keys = keysOf('alice');
const AT = new Date('2026-02-01T12:00:00.000Z');
const CLEAR = [...FIELDS.filter((field) => !field.sealed).map(({ name }) => name), 'tenant', 'key_id'] as const;

const vectorOf = (i: number) => ({ modelId: 'm', values: Float32Array.of(1, i) });

// A memory at three versions, as it and its history stand in a store.
const texts = ['first text', 'second text', 'third text, longer than a few blocks '.repeat(5)];
const versions = texts.map((content, i) =>
  sealRecord(keys, clearRecord({ version: i + 1 }), {
    content,
    metadata: { i },
    speaker: `speaker ${i}`,
    vector: vectorOf(i),
  }),
) as [MemoryRecord, MemoryRecord, MemoryRecord];
const [first, second, third] = versions;
const states = [first, second].map((record) => keepState(keys, record)) as [MemoryRecord, MemoryRecord];
const emptied = without(states[0], ...SEALED, 'seal');
const buried = buryRecord(keys, third, AT);
const look = without(third, ...SEALED);

type Check = (record: MemoryRecord) => boolean;
const asState: Check = (record) => verifyState(keys, record);
const FORMS: readonly (readonly [string, MemoryRecord, Check])[] = [
  ['a memory', third, (record) => verifyRecord(keys, record)],
  ['a past state', states[0], asState],
  ['an emptied state', emptied, asState],
  ['a last state', buried, (record) => verifyState(keys, record, AT)],
  ['what a look brings', look, (record) => verifyClear(keys, { ...record })],
];

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

// Every value that is one bit away, each of the same type.
function bitAway(value: unknown): unknown[] {
  if (Buffer.isBuffer(value)) return Array.from({ length: value.length * 8 }, (_, bit) => flipped(value, bit));
  if (typeof value === 'string') {
    const units = Buffer.from(value, 'utf16le');
    return Array.from({ length: units.length * 8 }, (_, bit) => flipped(units, bit).toString('utf16le'));
  }
  const number = value instanceof Date ? value.getTime() : (value as number);
  const near = Array.from({ length: 52 }, (_, bit) => {
    const power = 2 ** bit;
    return Math.floor(number / power) % 2 === 0 ? number + power : number - power;
  });
  return value instanceof Date ? near.map((time) => new Date(time)) : near;
}

const WRONG: readonly unknown[] = [
  null,
  0,
  1.5,
  NaN,
  Infinity,
  -1,
  2 ** 53,
  1n,
  true,
  '',
  '2026-01-01T00:00:00.000Z',
  [],
  {},
  ['alice'],
  new Date(NaN),
  Object.create(Date.prototype) as unknown,
  new Proxy(new Date(0), {}),
  Buffer.alloc(0),
  new Uint8Array(100),
  Object.create(Buffer.prototype) as unknown,
  Symbol('s'),
  () => 'alice',
];

describe('S19: nothing of a stored record can be changed', () => {
  test.each(FORMS)('S19: %s is authentic as it is, and as a copy of other objects', (_, record, check) => {
    expect(check(record)).toBe(true);
    const copy = Object.entries(record).map(([name, value]: [string, unknown]) => {
      if (value instanceof Date) return [name, new Date(value)];
      return [name, Buffer.isBuffer(value) ? new Uint8Array(value) : value];
    });
    expect(check(Object.fromEntries(copy.reverse()) as MemoryRecord)).toBe(true);
  });

  test.each(FORMS)('S19: no single bit of %s can be flipped, in clear or sealed', (_, record, check) => {
    let flips = 0;
    for (const [name, value] of Object.entries(record)) {
      for (const other of bitAway(value)) {
        if (check({ ...record, [name]: other })) throw new Error(`${name} was changed`);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(2_000);
  });

  test.each(FORMS)('S19: no field of %s can be taken away, and none added', (_, record, check) => {
    for (const name of Object.keys(record)) {
      expect([name, check(without(record, name as keyof MemoryRecord))]).toEqual([name, false]);
      expect([name, check({ ...record, [name]: undefined })]).toEqual([name, false]);
    }
    for (const name of ['act', '_id', 'vector', 'constructor', '__caslSubjectType__', 'toString'])
      expect([name, check({ ...record, [name]: 'x' })]).toEqual([name, false]);
    expect(check(JSON.parse('{"__proto__":1}') as MemoryRecord)).toBe(false);
    for (const [name, value] of Object.entries({ ...third, bare: states[1].bare }))
      if (!Object.hasOwn(record, name))
        expect([name, check({ ...record, [name]: value as never })]).toEqual([name, false]);
  });

  test.each(FORMS)('S19: no field of %s may be of another type', (_, record, check) => {
    for (const name of Object.keys(record)) {
      for (const value of WRONG) {
        if (check({ ...record, [name]: value })) throw new Error(`${name} may be ${String(value)}`);
      }
    }
  });

  test.each(FORMS)('S19: a level lowered or raised in %s is found', (_, record, check) => {
    for (const sensitivity of ['public', 'sensitive', 'Private', 'private '] as const)
      expect(check({ ...record, sensitivity: sensitivity as never })).toBe(false);
  });

  test.each(FORMS)('G12: every field in clear of %s holds against any other value', (_, record, check) => {
    const others: Readonly<Record<string, readonly unknown[]>> = {
      string: ['x', 'default', 'a'.repeat(3_000), 'z\u0301'],
      enum: ['public', 'sensitive'],
      date: [new Date(0), new Date('2099-01-01'), new Date(8.64e15)],
      integer: [1, 4, 2 ** 53 - 1],
    };
    for (const name of CLEAR) {
      const type = FIELDS.find((field) => field.name === name)?.type ?? 'string';
      for (const value of [undefined, ...(others[type] ?? [])]) {
        const current: unknown = record[name];
        if (value === current || Number(value) === Number(current)) continue;
        expect([name, check({ ...record, [name]: value as never })]).toEqual([name, false]);
      }
    }
  });

  test('S19: two fields cannot exchange their values, nor a value move to a field that was not there', () => {
    expect(verifyRecord(keys, { ...third, created_at: third.updated_at, updated_at: third.created_at })).toBe(false);
    expect(verifyRecord(keys, { ...third, agent_id: 'desk', app_id: 'assistant' })).toBe(false);
    const one = sealRecord(keys, without(clearRecord(), 'app_id'), OPEN);
    expect(verifyRecord(keys, { ...without(one, 'agent_id'), app_id: 'assistant' })).toBe(false);
  });

  test('S19: what throws when it is looked at is no record', () => {
    const throws = Object.defineProperty({ ...third }, 'category', {
      enumerable: true,
      get() {
        throw new Error('look away');
      },
    });
    for (const record of [throws, null, undefined, 'text', 7, [], new Map()] as never[]) {
      expect(verifyRecord(keys, record)).toBe(false);
      expect(verifyState(keys, record)).toBe(false);
      expect(verifyState(keys, record, AT)).toBe(false);
      expect(verifyClear(keys, record)).toBe(false);
    }
  });
});

describe('G12: no older value can be put back inside a row', () => {
  // Whoever writes to the store can make digests; the MAC is what they cannot make.
  function withDigests(record: MemoryRecord): MemoryRecord {
    const digests = SEALED.map((name) =>
      createHash('sha256')
        .update(record[name] as Buffer)
        .digest(),
    );
    const seal = record.seal as Buffer;
    return { ...record, seal: Buffer.concat([seal.subarray(0, 2), ...digests, seal.subarray(-32)]) };
  }

  const rows = [...versions, ...states];
  const check = (row: MemoryRecord, record: MemoryRecord) =>
    versions.includes(row) ? verifyRecord(keys, record) : verifyState(keys, record);

  test.each(SEALED)('G12: %s of any other version or kind is refused in every row, with right digests too', (name) => {
    let moved = 0;
    for (const row of rows) {
      for (const other of rows) {
        if (row === other) continue;
        const changed: MemoryRecord = { ...row, [name]: other[name] };
        expect(check(row, changed)).toBe(false);
        expect(check(row, withDigests(changed))).toBe(false);
        expect(check(row, { ...changed, seal: other.seal as Buffer })).toBe(false);
        const kind = versions.includes(row) ? 'memory' : 'history';
        expect(codeOf(() => openRecord(keys, changed, [name], kind))).toBe('unauthentic');
        moved += 1;
      }
    }
    expect(moved).toBe(20);
  });

  test('G12: all sealed fields and the seal of an older version are refused under the newer fields in clear', () => {
    for (const older of [first, second]) {
      const { content, metadata, speaker, vector, seal } = older;
      const put = { ...third, content, metadata, speaker, vector, seal };
      expect(verifyRecord(keys, put as MemoryRecord)).toBe(false);
    }
  });

  test('G12: a value of the same version that was sealed another time is refused as well', () => {
    const again = sealRecord(keys, clearRecord({ version: 3 }), {
      content: 'another third',
      metadata: {},
      speaker: 's',
      vector: vectorOf(9),
    });
    for (const name of SEALED) {
      const changed: MemoryRecord = { ...third, [name]: again[name] };
      expect(verifyRecord(keys, changed)).toBe(false);
      expect(verifyRecord(keys, withDigests(changed))).toBe(false);
    }
  });

  test('G12: no form of a record passes for another', () => {
    // An emptied state is a past state that lost its sealed fields, and is asked about in the same way.
    for (const [name, record, check] of FORMS) {
      for (const [other, , passes] of FORMS)
        if (check !== passes) expect([name, other, passes(record)]).toEqual([name, other, false]);
    }
  });

  test('G12: records of two users, tenants or ids do not mix', () => {
    const others = [{ user_id: 'bob' }, { tenant: 'other' }, { id: '019a5c1e-7b00-7000-8000-0000000000a2' }];
    for (const more of others) {
      const other = sealRecord(keys, clearRecord({ version: 3, ...more }), OPEN);
      expect(verifyRecord(keys, other)).toBe(true);
      expect(verifyRecord(keys, { ...other, ...without(third, ...CLEAR) })).toBe(false);
      expect(verifyRecord(keys, { ...third, ...more })).toBe(false);
      expect(verifyRecord(keys, { ...third, content: other.content as Buffer })).toBe(false);
    }
  });
});
