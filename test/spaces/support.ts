import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { spaceOwner } from '../../src/model/space.js';
import type { Opened } from '../support/warden.js';

/** The partition of a space. */
export const partitionOf = (spaceId: string) => ({ tenant: 'default', userId: spaceOwner(spaceId) });

/** Every byte that the store of memories keeps, as a text in which a canary can be looked for. */
export async function everyByte({ place: { store } }: Opened): Promise<string> {
  if (store.kind === 'embedded') return readFile(join(store.path ?? '', 'data.mdb'), 'latin1');
  const client = await MongoClient.connect(String(store.uri));
  try {
    const texts: string[] = [];
    for (const { name } of await client.db().listCollections().toArray())
      for (const row of await client.db().collection(name).find().toArray())
        texts.push(JSON.stringify(row), ...Object.values(row).map((value: unknown) => asText(value)));
    return texts.join('\n');
  } finally {
    await client.close();
  }
}

function asText(value: unknown): string {
  const bytes = (value as { buffer?: unknown } | null)?.buffer;
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : '';
}
