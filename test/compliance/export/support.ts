import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { MongoClient, type Document } from 'mongodb';
import { afterAll } from '@jest/globals';
import type { ExportOptions, Principal } from '../../../src/index.js';
import { newId } from '../../../src/model/id.js';
import { verifyExport } from '../../../src/compliance/export/manifest.js';
import { openTables } from '../../../src/store/embedded/environment.js';
import type { Opened } from '../../support/warden.js';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A new folder for exports. */
export function exportFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-export-'));
  folders.push(folder);
  return folder;
}

/** Where a new export goes to. */
export const outIn = (folder = exportFolder(), ending = 'ndjson') => join(folder, `${newId()}.${ending}`);

/** The rows of an NDJSON or JSON export. */
export function rowsOf(out: string): Record<string, unknown>[] {
  const bytes = readFileSync(out);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  if (text.startsWith('{"format"')) return (JSON.parse(text) as { memories: Record<string, unknown>[] }).memories;
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line is cut off');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

export const idsOf = (out: string) => rowsOf(out).map(({ id }) => id as string);

/** The ids of a CSV export. */
export function csvIds(out: string): string[] {
  const bytes = readFileSync(out);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  return parse<{ id: string }>(text, { columns: true, record_delimiter: '\r\n' }).map(({ id }) => id);
}

/** Exports and answers where to. */
export async function exported(
  { warden }: Pick<Opened, 'warden'>,
  principal: Principal,
  options: Partial<ExportOptions> = {},
): Promise<string> {
  const out = options.out ?? outIn();
  await warden.export(principal, { ...(options.spaces ? {} : { users: 'all' }), ...options, out });
  return out;
}

/** The requests and approvals of exports as they lie in the store. */
export async function storedNotes({ place: { store } }: Opened): Promise<string[]> {
  if (store.kind === 'mongodb') {
    const client = await new MongoClient(store.uri).connect();
    try {
      const rows = await client.db().collection<Document>('instance_keys').find().toArray();
      return rows.map((row) => JSON.stringify(row)).filter((text) => text.includes('export.'));
    } finally {
      await client.close();
    }
  }
  const { root, service } = await openTables(store.path ?? '');
  try {
    return [...service.getRange()].map((row) => JSON.stringify(row)).filter((text) => text.includes('export.'));
  } finally {
    await root.close();
  }
}

/** The public keys of a store. */
export const jwksOf = async ({ keys }: Pick<Opened, 'keys'>) => JSON.stringify(await keys.instance.jwks());

export const verified = async (opened: Pick<Opened, 'keys'>, out: string) =>
  verifyExport(`${out}.manifest.json`, await jwksOf(opened));

/** The ids of all memories that a principal may read, of some users. */
export async function readable({ warden }: Pick<Opened, 'warden'>, principal: Principal, users: readonly string[]) {
  const ids: string[] = [];
  for (const user of users) for await (const { id } of warden.scope(principal, user).getAll()) ids.push(id);
  return ids;
}
