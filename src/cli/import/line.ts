import { isUtf8 } from 'node:buffer';
import { JSON_HEADER } from '../../compliance/export/formats.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { recordDraft } from '../../memory/import.js';
import { FIELDS } from '../../model/fields.js';
import type { Entry, Item, Span } from './source.js';

const BOM = Buffer.from('\ufeff');
const COMMA = 44;

/** A line of a file of one JSON object a line. */
export class Line implements Item {
  readonly number: number;
  readonly #bytes: Buffer | undefined;
  readonly #span: Span | undefined;

  /**
   * @param bytes undefined where it is too long to hold
   * @param span where it lies; undefined where nothing of it is to be set aside that is not held
   */
  constructor(number: number, bytes: Buffer | undefined, span: Span | undefined) {
    this.number = number;
    this.#bytes = number === 1 && bytes?.subarray(0, BOM.length).equals(BOM) ? bytes.subarray(BOM.length) : bytes;
    this.#span = span;
  }

  isBlank(): boolean {
    return this.#bytes?.every((byte) => byte === 32 || byte === 9 || byte === 13) ?? false;
  }

  read(now: Date, id: string): Entry {
    const { user_id: userId, space, ...record } = this.value();
    return { userId, space, draft: recordDraft(record, now, id) };
  }

  setAside(): Buffer | Span | undefined {
    return this.#bytes ?? this.#span;
  }

  /** The object that it holds. @throws MemwardenError invalid_argument */
  protected value(): Record<string, unknown> {
    const bytes = this.#bytes;
    if (!bytes) throw bad('line', 'too long');
    if (!isUtf8(bytes)) throw bad('line', 'not UTF-8');
    let value: unknown;
    try {
      value = JSON.parse(bytes.toString());
    } catch {
      throw bad('line', 'not JSON');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('line', 'not an object');
    return value as Record<string, unknown>;
  }
}

/** What an export says of a memory and an import makes anew: who imports cannot choose it. */
const MADE: ReadonlySet<string> = new Set(
  FIELDS.filter(({ released, writable, name }) => released && !writable && name !== 'user_id').map(({ name }) => name),
);

/** A line of an export of our own, as NDJSON or as the JSON form has it. */
export class ExportedLine extends Line {
  #changes: readonly string[] = [];

  constructor(number: number, bytes: Buffer | undefined, span: Span | undefined) {
    super(number, bytes?.at(-1) === COMMA ? bytes.subarray(0, -1) : bytes, span);
  }

  get changes(): readonly string[] {
    return this.#changes;
  }

  override isBlank(): boolean {
    const aside = this.setAside();
    const text = Buffer.isBuffer(aside) && aside.length < JSON_HEADER.length ? aside.toString() : '';
    return super.isBlank() || text === ']}' || `${text}\n` === JSON_HEADER;
  }

  protected override value(): Record<string, unknown> {
    const value = super.value();
    const made = Object.keys(value).filter((name) => MADE.has(name));
    // The first version stays the first.
    const changed = made.filter((name) => name !== 'version' || value['version'] !== 1);
    // Who wrote it in a space is told to nobody: here it is who imports it.
    this.#changes = value['space'] === undefined ? changed : [...changed, 'author'];
    return Object.fromEntries(Object.entries(value).filter(([name]) => !MADE.has(name)));
  }
}

/** Whether a text begins as an export of our own does: no other line has both an id and a version. */
export function isExport(text: string): boolean {
  if (text.startsWith(JSON_HEADER)) return true;
  const end = text.indexOf('\n');
  try {
    const first = JSON.parse(end === -1 ? text : text.slice(0, end)) as Partial<Record<string, unknown>> | null;
    return typeof first?.['id'] === 'string' && typeof first['version'] === 'number';
  } catch {
    return false;
  }
}

function bad(argument: string, reason: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument, reason });
}
