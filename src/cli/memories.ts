import type { Memory } from '../model/memory.js';
import { FIELDS } from '../model/fields.js';
import { cut, visible } from './visible.js';
import type { Output } from './output.js';

/** The columns of a list of memories. */
export const MEMORY_HEAD = ['id', 'level', 'category', 'when', 'speaker', 'content'] as const;

/** The row of a memory; what the policy withholds is a dash. */
export function memoryRow(output: Output): (memory: Omit<Memory, 'userId'>) => string[] {
  return ({ id, level, category, occurredAt, speaker, content }) => [
    id,
    level ?? '-',
    category ?? '-',
    occurredAt?.toISOString().slice(0, 16) ?? '-',
    speaker ?? '-',
    cut(visible(content ?? '-'), output.room),
  ];
}

/** All of a memory, a line a field. */
export function memoryText(memory: Memory): string {
  const values = memory as unknown as Readonly<Record<string, unknown>>;
  return FIELDS.flatMap(({ property }) => {
    const value = values[property];
    return value === undefined ? [] : [`${property.padEnd(10)} ${visible(textOf(value))}`];
  }).join('\n');
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
