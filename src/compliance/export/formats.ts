import { stringify } from 'csv-stringify/sync';
import { FIELDS } from '../../model/fields.js';
import type { ExportFormat } from '../../model/export.js';
import type { ExportOrder } from '../../model/export.js';
import type { Memory } from '../../model/memory.js';

/** How memories become text. */
export interface Encoding {
  /** What the file begins with. */
  readonly header: string;
  /** What stands between two texts. */
  readonly separator: string;
  readonly footer: string;
  encode(memories: readonly Memory[]): string;
}

/** What a JSON export begins with, so that an import knows it. */
export const JSON_HEADER = '{"format":"memwarden export 1","memories":[\n';

/** What a memory of a space has in the place of its owner: in the files too. */
const SPACE = { name: 'space', property: 'space' } as const;
const COLUMNS = FIELDS.filter((field) => field.released);
const WITH_SPACE = [...COLUMNS, SPACE];

/** A memory under the names of the record, as files have it. */
export function toRow(memory: Memory): Record<string, unknown> {
  const values = memory as unknown as Readonly<Record<string, unknown>>;
  const row: Record<string, unknown> = {};
  for (const { name, property } of WITH_SPACE) if (values[property] !== undefined) row[name] = values[property];
  return row;
}

// What splits lines for some readers and not for JSON is escaped: a record is a line for everybody.
const SPLITS = /[\u0085\u2028\u2029]/g;

const KEYS = WITH_SPACE.map(({ name, property }) => ({ key: `"${name}":`, property }));

// The JSON of `toRow` in two thirds of the time, for an export writes millions of lines.
function jsonLine(memory: Memory): string {
  const values = memory as unknown as Readonly<Record<string, unknown>>;
  let text = '';
  for (const { key, property } of KEYS) {
    const value = values[property];
    if (value === undefined) continue;
    const json = value instanceof Date ? `"${value.toISOString()}"` : JSON.stringify(value);
    text += `${text === '' ? '{' : ','}${key}${json}`;
  }
  return `${text === '' ? '{' : text}}`.replace(
    SPLITS,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

// A cell that a spreadsheet would take for a formula begins with an apostrophe, and so does one that began with one: to
// read a cell back, take one apostrophe away.
const FORMULA = /^[=+\-@\t\r\n'|%\uff1d\uff0b\uff0d\uff20]/;

/** The text of a cell that no spreadsheet runs. */
export function defused(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return defused(typeof value === 'string' ? value : JSON.stringify(value));
}

const CSV = { quoted: true, quoted_empty: false, record_delimiter: '\r\n' } as const;

const ENCODINGS: Readonly<Record<'ndjson' | 'json' | 'csv', Encoding>> = {
  ndjson: {
    header: '',
    separator: '',
    footer: '',
    encode: (memories) => memories.map((memory) => `${jsonLine(memory)}\n`).join(''),
  },
  json: {
    header: JSON_HEADER,
    separator: ',\n',
    footer: '\n]}\n',
    encode: (memories) => memories.map(jsonLine).join(',\n'),
  },
  csv: csvOf(COLUMNS),
};
const CSV_WITH_SPACE = csvOf(WITH_SPACE);

function csvOf(columns: readonly { readonly name: string }[]): Encoding {
  return {
    header: stringify([columns.map(({ name }) => name)], CSV),
    separator: '',
    footer: '',
    encode: (memories) =>
      stringify(
        memories.map((memory) => {
          const row = toRow(memory);
          return columns.map(({ name }) => cell(row[name]));
        }),
        CSV,
      ),
  };
}

/** How a form is written; a ZIP holds the JSON form. @param withSpace whether there may be memories of spaces in it */
export function encodingOf(format: ExportFormat, withSpace = false): Encoding {
  if (format === 'csv' && withSpace) return CSV_WITH_SPACE;
  return ENCODINGS[format === 'zip' ? 'json' : format];
}

/** How an export is written. */
export function encodingFor({
  format,
  users,
  spaces,
}: Pick<ExportOrder<never>, 'format' | 'users' | 'spaces'>): Encoding {
  return encodingOf(format, users !== 'all' || spaces.length > 0);
}
