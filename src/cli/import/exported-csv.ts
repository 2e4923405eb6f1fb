import { Readable } from 'node:stream';
import { parse, type InfoField } from 'csv-parse';
import { encodingOf } from '../../compliance/export/formats.js';
import { fieldNamed } from '../../model/fields.js';
import { badArgument } from '../failure.js';
import { bytesFrom, type Bytes } from './bytes.js';
import { MAX_LINE_BYTES } from './line-limits.js';

const HEADERS = [encodingOf('csv').header, encodingOf('csv', true).header].map((header) => header.trimEnd());
const COLUMNS: ReadonlySet<string> = new Set(HEADERS.map((header) => header.replaceAll('"', '')));
const CHUNK = 1 << 16;

/** Whether a text begins as an export of our own in CSV does. */
export function isExportedCsv(text: string): boolean {
  const start = text.replace(/^\ufeff/, '');
  return HEADERS.some((header) => start.startsWith(header));
}

/** An export in CSV as lines of JSON: the header is a blank line, so that lines are numbered as rows are. */
export function linesOfCsv(csv: Bytes): Bytes {
  const parser = parse({
    bom: true,
    relax_column_count: true,
    // A blank line as a row would cost the parser an error each.
    skip_empty_lines: true,
    on_record: (cells, { empty_lines: blank }) => ({ cells, blank }) as unknown as string[],
    record_delimiter: ['\r\n', '\n'],
    max_record_size: MAX_LINE_BYTES,
    cast: read,
  });
  // It is told of where the rows are read.
  parser.on('error', () => undefined);
  Readable.from(chunksOf(csv))
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  return bytesFrom({
    chunks: lines(parser),
    total: csv.total,
    packed: csv.packed,
    passed: () => csv.passed,
    async close() {
      parser.destroy();
      await csv.close();
    },
  });
}

type Cell = string | undefined;

/** A row, and how many blank lines there were before it. */
interface Row {
  readonly cells: readonly Cell[];
  readonly blank: number;
}

// An absent field is an empty cell without quotes; an apostrophe stands before what a spreadsheet would run.
function read(value: string, { quoting }: InfoField): Cell {
  if (value === '' && !quoting) return undefined;
  return value.startsWith("'") ? value.slice(1) : value;
}

async function* chunksOf(bytes: Bytes): AsyncGenerator<Buffer> {
  for (let chunk = await bytes.read(CHUNK); chunk.length > 0; chunk = await bytes.read(CHUNK)) yield chunk;
}

async function* lines(rows: AsyncIterable<Row>): AsyncGenerator<Buffer> {
  let names: readonly Cell[] | undefined;
  let text = '';
  let passed = 0;
  try {
    for await (const { cells: row, blank } of rows) {
      while (passed < blank) {
        const more = Math.min(CHUNK, blank - passed);
        yield Buffer.from(text + '\n'.repeat(more));
        text = '';
        passed += more;
      }
      // A second column of one name, or one that no export has, would say something else than the first.
      if (!names && !COLUMNS.has(row.join())) throw badArgument('file', 'not the columns of an export');
      text += names && !isBlank(row) ? `${lineOf(names, row)}\n` : '\n';
      names ??= row;
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  } catch (error) {
    // What the parser says holds text of the file.
    if ((error as { code?: unknown }).code === 'CSV_MAX_RECORD_SIZE') throw badArgument('file', 'a row is too long');
    if (String((error as { code?: unknown }).code).startsWith('CSV_')) throw badArgument('file', 'not CSV');
    throw error;
  }
}

// A row without a cell that says something is passed over, as a blank line is; it counts.
function isBlank(row: readonly Cell[]): boolean {
  return row.every((cell) => cell === undefined);
}

function lineOf(names: readonly Cell[], row: readonly Cell[]): string {
  // Whoever changed how many cells a row has is told of it as of any bad line.
  if (row.length !== names.length) return '"another number of cells than the header"';
  const fields = names.flatMap((name, i) => (row[i] === undefined ? [] : [[name, valueOf(String(name), row[i])]]));
  return JSON.stringify(Object.fromEntries(fields));
}

// What is no text is JSON; where it is not, it stays what it is and is refused as that.
function valueOf(name: string, cell: string): unknown {
  const type = fieldNamed(name)?.type;
  if (type !== 'integer' && type !== 'object') return cell;
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    return cell;
  }
}
