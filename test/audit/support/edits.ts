import { verifyLog } from '../../../src/audit/verify.js';
import type { VerifyReport } from '../../../src/model/audit-report.js';
import type { AuditSource } from '../../../src/model/audit-storage.js';
import type { PublicKeyOf } from '../../../src/model/signing-keys.js';
import type { RawAudit, RawRow } from './raw-audit.js';

/** A change of the rows of a log; what is undefined goes. */
export interface Edit {
  readonly name: string;
  readonly changes: readonly { readonly key: string; readonly body: Buffer | undefined }[];
  /** Whether only a checkpoint that was kept elsewhere shows it. */
  readonly needsCheckpoint?: boolean;
}

/** Makes an edit, verifies, and takes the edit back. */
export async function verdictOn(
  edit: Edit,
  raw: RawAudit,
  verify: { source: AuditSource; keyOf: PublicKeyOf; checkpoint: string },
  before: readonly RawRow[],
): Promise<VerifyReport> {
  const rows = new Map(before.map(({ key, body }) => [key, body]));
  const set = async (key: string, body: Buffer | undefined) => (body ? raw.put(key, body) : raw.remove(key));
  for (const { key, body } of edit.changes) await set(key, body);
  try {
    const options = edit.needsCheckpoint ? { checkpoint: verify.checkpoint } : {};
    return await verifyLog(verify.source, verify.keyOf, options);
  } finally {
    for (const { key } of edit.changes) {
      const body = rows.get(key);
      if (body) await raw.put(key, body);
      else await raw.remove(key).catch(() => undefined);
    }
  }
}

export function flip(body: Buffer, byte: number, bit: number): Buffer {
  const copy = Buffer.from(body);
  copy[byte] = copy[byte]! ^ (1 << bit);
  return copy;
}

/** A bit of every n-th byte of every row. */
export function* flips(rows: readonly RawRow[], every: number, random: () => number): Generator<Edit> {
  for (const { key, body } of rows) {
    for (let byte = Math.floor(random() * every); byte < body.length; byte += every) {
      const bit = Math.floor(random() * 8);
      yield { name: `flip ${key} byte ${byte} bit ${bit}`, changes: [{ key, body: flip(body, byte, bit) }] };
    }
  }
}

const linesOf = (body: Buffer) => body.toString('latin1').split('\n').slice(0, -1);
const bodyOf = (lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');

/** Every line of every row deleted, doubled, and swapped with its neighbour. */
export function* lineEdits(rows: readonly RawRow[]): Generator<Edit> {
  for (const { key, body } of rows) {
    const lines = linesOf(body);
    for (const [i, line] of lines.entries()) {
      const without = lines.toSpliced(i, 1);
      yield { name: `delete line ${i} of ${key}`, changes: [{ key, body: bodyOf(without) }] };
      yield { name: `double line ${i} of ${key}`, changes: [{ key, body: bodyOf(lines.toSpliced(i, 0, line)) }] };
      if (i + 1 === lines.length) continue;
      const swapped = lines.with(i, lines[i + 1]!).with(i + 1, line);
      yield { name: `swap lines ${i}, ${i + 1} of ${key}`, changes: [{ key, body: bodyOf(swapped) }] };
    }
  }
}

/** Every row deleted, swapped with its neighbour, put under another key, and one added. */
export function* rowEdits(rows: readonly RawRow[]): Generator<Edit> {
  for (const [i, { key, body }] of rows.entries()) {
    yield { name: `delete ${key}`, changes: [{ key, body: undefined }] };
    const other = rows[i + 1];
    if (other)
      yield {
        name: `swap ${key}, ${other.key}`,
        changes: [
          { key, body: other.body },
          { key: other.key, body },
        ],
      };
    const elsewhere = {
      'another stream': key.replace(/^[^:.]+/, '01890000-0000-7000-8000-ffffffffffff'),
      'another number': key.replace(/\d{10}$/, '0000099999'),
      'no number': key.replace(/:\d{10}$|\.\d{4}(?=\.jsonl$)/, ''),
    };
    for (const [where, to] of Object.entries(elsewhere)) {
      if (to !== key) yield { name: `copy ${key} to ${where}`, changes: [{ key: to, body }] };
    }
  }
}
