import '../support/fresh-lmdb.js';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { WardenOptions } from '../../src/config/options.js';
import { createWarden } from '../../src/warden.js';
import { describeOnTypicalMongo, freshDatabase } from '../support/mongo/describe.js';
import { soundRecord } from '../support/raw.js';
import { ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'memwarden-apart-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keysIn = (home: string): NonNullable<WardenOptions['keys']> => ({
  store: { kind: 'embedded', path: join(home, 'keystore') },
  kms: `local:${join(home, 'keys', 'kek')}`,
  ledger: join(home, 'ledger', 'erasures.ndjson'),
});
const dataIn = (home: string) => ({ kind: 'embedded', path: join(home, 'data') }) as const;

describe('S20: keys lie apart from what they open', () => {
  test('an empty key store does not take the place of the one that the data were made with', async () => {
    const options = { store: dataIn(folder), keys: keysIn(folder) };
    const warden = await createWarden(options);
    await warden.scope(agentOf('alice'), 'alice').add('x');
    await warden.close();
    rmSync(join(folder, 'keystore'), { recursive: true });
    expect(await outcome(() => createWarden(options))).toBe('keys_foreign');
    expect(await outcome(() => createWarden(options))).toBe('keys_foreign');
  });

  test.each(['kms', 'ledger'] as const)('what outlives the key store is not in its folder: keys.%s', async (name) => {
    const keys = keysIn(folder);
    const inside = join(folder, 'keystore', 'inside');
    const wrong = { ...keys, [name]: name === 'kms' ? `local:${inside}` : inside };
    expect(await outcome(() => createWarden({ store: dataIn(folder), keys: wrong }))).toBe('keys_unsafe');
  });

  test('a link into the data does not hide where the keys lie', async () => {
    mkdirSync(join(folder, 'data'));
    symlinkSync(join(folder, 'data'), join(folder, 'elsewhere'));
    const keys = { ...keysIn(folder), store: { kind: 'embedded', path: join(folder, 'elsewhere', 'keys') } as const };
    expect(await outcome(() => createWarden({ store: dataIn(folder), keys }))).toBe('keys_unsafe');
  });
});

describeOnTypicalMongo('S20: keys lie apart from what they open', ({ uri }) => {
  test('the database of the memories is not that of the keys, however it is spelled', async () => {
    const database = freshDatabase(uri);
    try {
      const spelled = database.uri.replace('127.0.0.1', 'localhost');
      expect(spelled).not.toBe(database.uri);
      const store = { kind: 'mongodb', uri: database.uri } as const;
      const keys = { ...keysIn(folder), store: { kind: 'mongodb', uri: spelled } as const };
      for (let n = 0; n < 2; n += 1)
        expect(await outcome(() => createWarden({ store, keys, migrate: true }))).toBe('keys_unsafe');
    } finally {
      await database.drop();
    }
  });
});

describeOnEachStore('Who may write to the key store or the data', (open) => {
  test('S23: adds no public key of their own: it comes from the secret, which they cannot wrap', async () => {
    const { warden, keys } = await open();
    const { keys: before } = await warden.keys.publicKeys();
    const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
    const documents = await keys.store.documents('instance', undefined, 10);
    const real = documents.find(({ value }) => value['purpose'] === 'signing')!;
    // With the wrap of the real one, which is bound to another id.
    await keys.store.add('instance', { id: 'f'.repeat(32), value: { ...real.value, x, publicKey: x } });
    expect(await outcome(() => warden.keys.publicKeys())).toBe('key_refused');
    await keys.store.put('instance', { id: 'f'.repeat(32), value: { purpose: 'cursor' } });
    expect((await warden.keys.publicKeys()).keys).toEqual(before);
  });

  test('S19: plants no row in clear that sealing then vouches for', async () => {
    const opened = await open();
    await opened.warden.scope(agentOf('alice'), 'alice').add('sealed');
    await opened.raw.plant('alice', soundRecord('alice', 'planted', { content: 'alice said so' }));
    expect(await opened.warden.encryptExisting(ADMIN)).toEqual({ partitions: 0, rows: 0, refused: 1 });
    const { memories } = await opened.warden.scope(agentOf('alice'), 'alice').list();
    expect(memories.map(({ content }) => content)).toEqual(['sealed']);
  });
});
