import type { MemoryRecord } from '../../../src/model/fields.js';

/**
 * A sealed record as JSON: bytes and dates as MongoDB's Extended JSON (v2, relaxed) writes them, so that what
 * `mongoexport` writes has the same form.
 */
export function toExtendedJson(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (one instanceof Date) return [name, { $date: one.toISOString() }];
      if (Buffer.isBuffer(one)) return [name, { $binary: { base64: one.toString('base64'), subType: '00' } }];
      return [name, one as unknown];
    }),
  );
}

/** The record of such JSON. */
export function fromExtendedJson(json: Readonly<Record<string, unknown>>): MemoryRecord {
  const record = Object.entries(json).map(([name, one]) => {
    const { $date, $binary } = Object(one) as { $date?: string; $binary?: { base64: string } };
    if ($date !== undefined) return [name, new Date($date)];
    return [name, $binary ? Buffer.from($binary.base64, 'base64') : one];
  });
  return Object.fromEntries(record) as MemoryRecord;
}
