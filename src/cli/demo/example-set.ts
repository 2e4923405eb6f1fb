import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { recordDraft, type Draft } from '../../memory/import.js';

/** The memories of the package's example set, by user. */
export async function exampleSet(now: Date): Promise<ReadonlyMap<string, readonly Draft[]>> {
  const text = await readFile(fileURLToPath(new URL('../../../examples/year.ndjson', import.meta.url)), 'utf8');
  const byUser = new Map<string, Draft[]>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const { user_id: userId, ...record } = JSON.parse(line) as Record<string, unknown> & { user_id: string };
    byUser.set(userId, [...(byUser.get(userId) ?? []), recordDraft(record, now)]);
  }
  return byUser;
}
