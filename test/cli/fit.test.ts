import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import fc from 'fast-check';
import { widthsFor, wrapped } from '../../src/cli/fit.js';
import { MEMORY_HEAD, memoryRow } from '../../src/cli/memories.js';
import { Output } from '../../src/cli/output.js';
import type { Sink } from '../../src/cli/io.js';

const ID = '0190b6a0-1234-7000-8000-0123456789ab';

function outputOn(columns: number | undefined): Output {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() }) as Sink;
  return new Output(Object.assign(sink, columns === undefined ? {} : { isTTY: true, columns }), false);
}

/** The lines of a table without its colours. */
const linesOf = (table: string) => table.replace(/\u001b\[[0-9;]*m/g, '').split('\n');

const MEMORY = {
  id: ID,
  level: 'sensitive',
  category: 'household',
  occurredAt: new Date('2025-01-03T08:14:00Z'),
  speaker: 'Alexandra',
  content: 'Wants a window seat on the left, unless the flight is at night. '.repeat(4).trim(),
} as const;
const row = (output: Output) => memoryRow(output)(MEMORY as unknown as Parameters<ReturnType<typeof memoryRow>>[0]);

describe('a table', () => {
  test.each([40, 60, 80, 100, 120, 200])('fits a terminal of %d columns', (columns) => {
    const output = outputOn(columns);
    const audit = ['2025-01-03T08:14:28.123Z', 'cli', 'admin', 'read (search)', 'Memory', 'read', 'allowed', '12'];
    const tables = [
      output.table(MEMORY_HEAD, [row(output), row(output)]),
      output.table(['time', 'who', 'role', 'action', 'subject', 'phase', 'outcome', 'count'], [audit, audit]),
      output.table(
        ['role', 'reason'],
        [
          ['agent', '北京市朝阳区'.repeat(20)],
          ['admin', '👩‍💻😀'.repeat(30)],
        ],
      ),
    ];
    for (const table of tables)
      for (const line of linesOf(table)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
  });

  test('keeps ids whole: where the other columns would not stay readable, each row is a block of labels and values', () => {
    for (const columns of [40, 60, 80, 110, 120, 160]) {
      const output = outputOn(columns);
      expect(output.table(MEMORY_HEAD, [row(output)])).toContain(ID);
    }
    const output = outputOn(60);
    expect(linesOf(output.table(MEMORY_HEAD, [row(output), row(output)]))).toContain('id:       ' + ID);
    expect(linesOf(outputOn(160).table(MEMORY_HEAD, [row(output)]))).not.toContain('id:       ' + ID);
  });

  test.each([
    ['credentials', ['id', 'key', 'name', 'role', 'acts for', 'purposes', 'expires', 'last used', 'state']],
    ['audit', ['time', 'principal', 'role', 'action', 'subject', 'phase', 'outcome', 'count', 'rules', 'owner']],
  ])('of many columns is readable at 80 columns: %s', (_, head) => {
    const cells = head.map((label, i) => (i === 0 ? ID : i === 1 ? '' : `${label} of some length`));
    const table = outputOn(80).table(head, [cells, cells]);
    for (const [i, label] of head.entries())
      expect(linesOf(table).filter((line) => line.startsWith(`${label}:`) && line.endsWith(cells[i]!))).toHaveLength(
        cells[i] === '' ? 0 : 2,
      );
    for (const line of linesOf(table)) expect(stringWidth(line)).toBeLessThanOrEqual(80);
  });

  test('has every character where the output is no terminal', () => {
    const output = outputOn(undefined);
    const table = output.table(MEMORY_HEAD, [row(output)]);
    expect(table).toContain(MEMORY.content);
    expect(table.split('\n')).toHaveLength(5);
  });

  test('shrinks its widest columns first', () => {
    expect(
      widthsFor(
        [
          ['a', 'b'],
          ['x'.repeat(30), 'y'.repeat(12)],
        ],
        32,
      ),
    ).toEqual([20, 12]);
    expect(
      widthsFor(
        [
          ['a', 'b'],
          ['x'.repeat(30), 'y'.repeat(12)],
        ],
        20,
      ),
    ).toEqual([10, 10]);
    expect(
      widthsFor(
        [
          ['a', 'b'],
          ['x'.repeat(30), 'y'.repeat(12)],
        ],
        42,
      ),
    ).toBe('natural');
    expect(
      widthsFor(
        [
          ['a', 'b'],
          ['x'.repeat(30), 'y'.repeat(12)],
        ],
        1,
      ),
    ).toBe('blocks');
  });

  test('wrapping keeps every character but the spaces at the ends of lines, and no line is wider', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 8, max: 20 }), (text, width) => {
        const lines = wrapped(text, width).split('\n');
        const kept = (some: string) => some.normalize().replaceAll(/\s/g, '');
        expect(kept(lines.join(''))).toBe(kept(text));
        for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
