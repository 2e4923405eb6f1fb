import '../support/fresh-lmdb.js';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { WardenOptions } from '../../src/config/options.js';
import { openKms } from '../../src/crypto/kms/open.js';
import { openEmbeddedKeys } from '../../src/store/keys/embedded.js';
import { createWarden, openWarden } from '../../src/warden.js';
import { diagnoseSettings } from '../../src/wiring/diagnose.js';
import { replayErasures } from '../../src/wiring/replay.js';
import { ADMIN, agentOf, outcome } from '../support/warden.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'memwarden-wiring-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const optionsIn = (home: string, more: Partial<NonNullable<WardenOptions['keys']>> = {}): WardenOptions => ({
  store: { kind: 'embedded', path: join(home, 'data') },
  keys: {
    store: { kind: 'embedded', path: join(home, 'keystore') },
    kms: `local:${join(home, 'keys', 'kek')}`,
    ledger: join(home, 'ledger', 'erasures.ndjson'),
    ...more,
  },
});

const atOnce = { wait: () => Promise.resolve() };

function filesUnder(path: string): { name: string; bytes: Buffer }[] {
  return readdirSync(path).flatMap((name) => {
    const file = join(path, name);
    return statSync(file).isDirectory() ? filesUnder(file) : [{ name: file, bytes: readFileSync(file) }];
  });
}

const CANARY = 'canary-4711-the-parrot-sleeps';
const forms = (text: string): Buffer[] => [
  Buffer.from(text),
  Buffer.from(text, 'utf16le'),
  Buffer.from(Buffer.from(text).toString('hex')),
  ...[0, 1, 2].map((shift) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
        .toString('base64')
        .slice(4, 28),
    ),
  ),
];

function hits(home: string, text: string): string[] {
  return filesUnder(home).flatMap(({ name, bytes }) => {
    const unpacked = [gunzipSync, inflateSync].flatMap((unpack) => {
      try {
        return [unpack(bytes)];
      } catch {
        return [];
      }
    });
    return [bytes, ...unpacked].some((one) => forms(text).some((form) => one.includes(form))) ? [name] : [];
  });
}

describe('What lies on disk [embedded]', () => {
  test('G17: content, metadata and speaker are in no file, in no encoding; what is in clear is found by the same search', async () => {
    const warden = await createWarden(optionsIn(folder));
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add(CANARY, { metadata: { m: CANARY }, speaker: CANARY, category: 'in-the-clear' });
    await memory.update(id, { content: `${CANARY} again` });
    await memory.add(`${CANARY} gone`);
    await memory.delete(id);
    await warden.close();
    expect(hits(folder, CANARY)).toEqual([]);
    expect(hits(folder, 'in-the-clear')).not.toEqual([]);
  });

  test('S20: every wrapped key in the raw files opens with the live key-encryption key before the erase, none of the user after it', async () => {
    const options = optionsIn(folder);
    const warden = await openWarden(options, atOnce);
    for (const user of ['alice', 'bob']) await warden.scope(agentOf(user), user).add(CANARY);
    const probe = await openEmbeddedKeys(join(folder, 'keystore'));
    const rings = await probe.rings(undefined, 10);
    await probe.close();
    const wrappedOf = (user: string) => rings.find(({ userId }) => userId === user)!.versions[0]!;
    const carved = (user: string) =>
      filesUnder(join(folder, 'keystore')).filter(({ bytes }) => bytes.includes(wrappedOf(user).wrapped)).length;
    const kms = await openKms(options.keys!.kms!);
    const { keyId, wrapped } = wrappedOf('alice');
    const context = { tenant: 'default', userId: 'alice', keyId, purpose: 'data' };
    expect((await kms.unwrap(wrapped, context)).length).toBe(32);
    expect([carved('alice'), carved('bob')]).toEqual([1, 1]);
    await warden.keys.erase(ADMIN, 'alice');
    expect([carved('alice'), carved('bob')]).toEqual([0, 1]);
    await warden.close();
    await kms.close();
    expect([carved('alice'), carved('bob')]).toEqual([0, 1]);
  }, 120_000);
});

describe('A key store whose renewal was cut off [embedded]', () => {
  const generations = (store: string) => readdirSync(store).filter((name) => name.startsWith('gen-'));

  test('S20: the file from before it, left beside the new one, is gone with the next opening', async () => {
    const options = optionsIn(folder);
    const store = join(folder, 'keystore');
    const old = join(folder, 'old');
    const cut = (name: string) => {
      const pointed = readFileSync(join(store, 'current'), 'utf8');
      if (name === 'swept again') cpSync(join(store, pointed), join(old, pointed), { recursive: true });
      if (name !== 'shredded') return;
      cpSync(old, store, { recursive: true });
      throw new Error('cut off');
    };
    const warden = await openWarden(options, { ...atOnce, step: cut });
    await warden.scope(agentOf('alice'), 'alice').add(CANARY);
    await expect(warden.keys.erase(ADMIN, 'alice')).rejects.toThrow('cut off');
    await warden.close();
    expect(generations(store)).toHaveLength(2);
    await (await createWarden(options)).close();
    expect(generations(store)).toEqual([readFileSync(join(store, 'current'), 'utf8')]);
  }, 60_000);

  test('S20: a process that is open meanwhile takes it away with the next renewal', async () => {
    const store = join(folder, 'keystore');
    const keys = await openEmbeddedKeys(store);
    for (const left of ['gen-1', 'gen-7', 'gen-12']) {
      if (!generations(store).includes(left))
        cpSync(join(store, generations(store)[0]!), join(store, left), { recursive: true });
    }
    await keys.shred();
    expect(generations(store)).toEqual(['gen-2']);
    await keys.close();
  });
});

describe('Keys and data that do not belong together', () => {
  test('S23: a key file that is gone is not made anew while wrapped keys are there', async () => {
    const warden = await createWarden(optionsIn(folder));
    await warden.scope(agentOf('alice'), 'alice').add('x');
    await warden.close();
    rmSync(join(folder, 'keys', 'kek'));
    expect(await outcome(() => createWarden(optionsIn(folder)))).toBe('key_file_missing');
  });

  test('the key store of another store is refused', async () => {
    await (await createWarden(optionsIn(join(folder, 'a')))).close();
    await (await createWarden(optionsIn(join(folder, 'b')))).close();
    const crossed = { ...optionsIn(join(folder, 'a')), keys: optionsIn(join(folder, 'b')).keys! };
    expect(await outcome(() => createWarden(crossed))).toBe('keys_foreign');
  });

  test.each([
    ['keys.store', { store: { kind: 'embedded', path: 'data/keys' } }],
    ['keys.kms', { kms: 'local:data/kek' }],
    ['keys.ledger', { ledger: 'data/ledger' }],
  ] as const)('S20: %s inside the folder of the data is refused', async (_, keys) => {
    const place = { kind: 'embedded', path: join(folder, 'data') } as const;
    const inside = JSON.parse(JSON.stringify(keys).replaceAll('data/', `${place.path}/`)) as WardenOptions['keys'];
    expect(await outcome(() => createWarden({ store: place, keys: inside! }))).toBe('keys_unsafe');
  });
});

describe('A store that was restored from a backup', () => {
  async function restored(what: readonly string[]) {
    const home = join(folder, 'home');
    const options = optionsIn(home);
    const warden = await createWarden(options);
    for (const user of ['alice', 'bob']) await warden.scope(agentOf(user), user).add(`of ${user}`);
    await warden.close();
    cpSync(home, join(folder, 'backup'), { recursive: true });
    const again = await openWarden(options, atOnce);
    await again.keys.erase(ADMIN, 'alice');
    await again.scope(agentOf('bob'), 'bob').add('after the backup');
    await again.close();
    for (const part of what) {
      rmSync(join(home, part), { recursive: true });
      cpSync(join(folder, 'backup', part), join(home, part), { recursive: true });
    }
    return options;
  }

  test.each([[['data']], [['keystore']], [['data', 'keystore']]])(
    'G22: with %j from before the erasure it is not opened until the ledger is replayed, and then nothing of the user can be read',
    async (what) => {
      const options = await restored(what);
      expect(await outcome(() => createWarden(options))).toBe('erasure_missed');
      const findings = await diagnoseSettings(options);
      expect(findings.find(({ check }) => check === 'erasures')).toMatchObject({ ok: false });
      const result = await replayErasures(ADMIN, options);
      expect(result).toEqual({
        replayed: what.includes('data') ? 1 : 0,
        keys: what.includes('keystore') ? 2 : 0, // its own, and the pseudonym's
        memories: what.includes('data') ? 1 : 0,
        states: 0,
      });
      const warden = await createWarden(options);
      expect((await warden.scope(ADMIN, 'alice').list()).memories).toEqual([]);
      expect((await warden.users(ADMIN)).users.map(({ userId }) => userId)).toEqual(['bob']);
      expect((await warden.scope(ADMIN, 'bob').list()).memories.length).toBe(what.includes('data') ? 1 : 2);
      await warden.close();
    },
    180_000,
  );

  test('G22: a signing key that is newer than the restored key store is vouched for by the one before it', async () => {
    const home = join(folder, 'home');
    const options = optionsIn(home);
    const warden = await openWarden(options, atOnce);
    await warden.scope(agentOf('alice'), 'alice').add('x');
    cpSync(join(home, 'keystore'), join(folder, 'older'), { recursive: true });
    await warden.keys.rotateInstanceKey(ADMIN, 'signing');
    await warden.keys.erase(ADMIN, 'alice');
    await warden.close();
    rmSync(join(home, 'keystore'), { recursive: true });
    cpSync(join(folder, 'older'), join(home, 'keystore'), { recursive: true });
    expect(await replayErasures(ADMIN, options)).toMatchObject({ keys: 2 });
    await (await createWarden(options)).close();
  }, 60_000);

  test('S21: G22: a backup from before a rotation gives nothing of an erased user back', async () => {
    const home = join(folder, 'home');
    const options = optionsIn(home);
    const first = await openWarden(options, atOnce);
    const { id } = await first.scope(agentOf('alice'), 'alice').add('of alice');
    await first.close();
    cpSync(home, join(folder, 'backup'), { recursive: true });
    const second = await openWarden(options, atOnce);
    await second.keys.rotateUser(ADMIN, 'alice');
    await second.keys.rotateUser(ADMIN, 'alice');
    const certificate = await second.keys.erase(ADMIN, 'alice');
    await second.close();
    // Three versions, and the key of the pseudonym.
    expect(certificate.keyIds).toHaveLength(4);
    for (const part of ['data', 'keystore']) {
      rmSync(join(home, part), { recursive: true });
      cpSync(join(folder, 'backup', part), join(home, part), { recursive: true });
    }
    expect(await outcome(() => createWarden(options))).toBe('erasure_missed');
    expect(await replayErasures(ADMIN, options)).toMatchObject({ replayed: 1, keys: 2, memories: 1 });
    const third = await createWarden(options);
    expect(await third.scope(ADMIN, 'alice').get(id)).toBeNull();
    await third.close();
  }, 60_000);

  test('S21: a ledger whose line was changed or is missing is refused, and only an administrator replays', async () => {
    const options = await restored(['data']);
    expect(await outcome(() => replayErasures(agentOf('alice'), options))).toBe('forbidden');
    const file = options.keys!.ledger!;
    const text = readFileSync(file, 'utf8');
    for (const bad of [text.replace(/"at":"2/, '"at":"3'), `${text}${text.replace('"sequence":1', '"sequence":3')}`]) {
      writeFileSync(file, bad);
      expect(await outcome(() => replayErasures(ADMIN, options))).toBe('ledger_invalid');
    }
    writeFileSync(file, text);
    // A line that a crash cut off is no line.
    appendFileSync(file, text.slice(0, 40));
    expect(await replayErasures(ADMIN, options)).toMatchObject({ replayed: 1 });
  }, 180_000);
});

describe('The ledger of erasures', () => {
  async function erased(...users: readonly string[]) {
    const options = optionsIn(join(folder, 'home'));
    const warden = await openWarden(options, atOnce);
    for (const user of ['alice', 'bob']) await warden.scope(agentOf(user), user).add(`of ${user}`);
    for (const user of users) await warden.keys.erase(ADMIN, user);
    await warden.close();
    return { options, file: options.keys!.ledger! };
  }
  const eraseIn = async (options: WardenOptions, user: string) => {
    const warden = await openWarden(options, atOnce);
    await warden.keys.erase(ADMIN, user);
    await warden.close();
  };
  const sequences = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => (line.endsWith('}') ? [(JSON.parse(line) as { sequence: number }).sequence] : []));

  test('S21: an erasure that stopped before its line came is in it with the next one, and the store opens', async () => {
    const { options, file } = await erased();
    const step = (name: string) => {
      if (name === 'tombstone put') throw new Error('cut off');
    };
    const warden = await openWarden(options, { ...atOnce, step });
    await expect(warden.keys.erase(ADMIN, 'alice')).rejects.toThrow('cut off');
    await warden.close();
    await eraseIn(options, 'bob');
    expect(sequences(file)).toEqual([1, 2]);
    const again = await openWarden(options, atOnce);
    expect(await again.keys.resumeErasures(ADMIN)).toHaveLength(1);
    await again.close();
    expect(sequences(file)).toEqual([1, 2]);
    expect(await replayErasures(ADMIN, options)).toMatchObject({ replayed: 0, keys: 0 });
  }, 60_000);

  test('S21: a line that a crash cut off does not keep the store from opening after the next one', async () => {
    const { options, file } = await erased('alice');
    appendFileSync(file, '{"at":"2026-11-21T00:00:00.000Z","era');
    await eraseIn(options, 'bob');
    expect(sequences(file)).toEqual([1, 2]);
    await (await createWarden(options)).close();
    expect(await replayErasures(ADMIN, options)).toMatchObject({ replayed: 0 });
  }, 60_000);

  test.each([
    ['lost', () => ''],
    ['without its first line', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['without its last line', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
    ['no ledger', () => 'x\n'],
  ])(
    'S21: one that is %s is found, and filled again from the key store',
    async (_, change) => {
      const { options, file } = await erased('alice', 'bob');
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, change(text));
      const finding = async () => (await diagnoseSettings(options)).find(({ check }) => check === 'erasures');
      expect(await finding()).toMatchObject({ ok: false });
      await (await createWarden(options)).close();
      expect(sequences(file).sort()).toEqual([1, 2]);
      expect(await finding()).toMatchObject({ ok: true });
    },
    60_000,
  );

  test('S21: one that is lost with the key store of its time is refused', async () => {
    const { options, file } = await erased();
    const keystore = join(folder, 'home', 'keystore');
    cpSync(keystore, join(folder, 'older'), { recursive: true });
    await eraseIn(options, 'alice');
    rmSync(keystore, { recursive: true });
    cpSync(join(folder, 'older'), keystore, { recursive: true });
    rmSync(file);
    expect(await outcome(() => createWarden(options))).toBe('ledger_invalid');
    expect(await outcome(() => replayErasures(ADMIN, options))).toBe('ledger_invalid');
  }, 60_000);
});
