import { MAX_DIMENSION } from '../../model/embedding.js';
import { refused } from './vectors-of.js';

/**
 * The vectors of an answer, in the order of the texts that were sent. Each names the place of its text, and each place
 * is named once; where none names one they stand in order.
 *
 * @throws MemwardenError embedder_refused
 */
export function answerOf(body: string, count: number): readonly (readonly number[])[] {
  const data = propertyOf(parsed(body), 'data');
  if (!Array.isArray(data)) throw refused('form');
  if (data.length !== count) throw refused('count');
  const rows = data as readonly unknown[];
  const unnumbered = rows.every((row) => propertyOf(row, 'index') === undefined);
  const vectors = new Array<readonly number[] | undefined>(count).fill(undefined);
  rows.forEach((row, place) => {
    const index = unnumbered ? place : propertyOf(row, 'index');
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) throw refused('order');
    if (vectors[index] !== undefined) throw refused('order');
    const embedding = propertyOf(row, 'embedding');
    if (!Array.isArray(embedding)) throw refused('form');
    if (embedding.length === 0 || embedding.length > MAX_DIMENSION) throw refused('dimension');
    if (!embedding.every((number) => typeof number === 'number')) throw refused('numbers');
    vectors[index] = embedding;
  });
  return vectors as readonly (readonly number[])[];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw refused('form');
  }
}

function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
