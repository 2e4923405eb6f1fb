import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { recordDraft, type Draft } from '../../memory/import.js';

/** The file of the package's example set. */
export const EXAMPLE_SET = fileURLToPath(new URL('../../../examples/year.ndjson', import.meta.url));

/** The memories of the package's example set, by user. */
export async function exampleSet(now: Date): Promise<ReadonlyMap<string, readonly Draft[]>> {
  const text = await readFile(EXAMPLE_SET, 'utf8');
  const byUser = new Map<string, Draft[]>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { user_id: userId, ...record } = JSON.parse(line) as Record<string, unknown> & { user_id: string };
    byUser.set(userId, [...(byUser.get(userId) ?? []), recordDraft(record, now)]);
  }
  return byUser;
}
