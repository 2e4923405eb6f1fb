import '../../support/fresh-lmdb.js';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openEmbedded } from '../../../src/store/embedded/driver.js';
import { FORMAT, openTables } from '../../../src/store/embedded/environment.js';
import { codeOf } from '../support/records.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'memwarden-embedded-'))));
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});
const opened = async (path: string, type: number) => {
  const tables = await openTables(path, () => Promise.resolve(type));
  await tables.root.close();
};

describe('Where an embedded store may lie', () => {
  // statfs(2); the last two as a 32-bit system says them, below zero.
  const networks: [string, number][] = [
    ['NFS', 0x6969],
    ['SMB', 0x517b],
    ['SMB2', 0xfe534d42],
    ['CIFS', 0xff534d42],
    ['AFS', 0x5346414f],
    ['Coda', 0x73757245],
    ['NCP', 0x564c],
    ['9P', 0x01021997],
    ['Ceph', 0x00c36400],
    ['Lustre', 0x0bd00bd0],
    ['OCFS2', 0x7461636f],
    ['GFS2', 0x01161970],
    ['FUSE', 0x65735546],
    ['SMB2, signed', 0xfe534d42 | 0],
    ['CIFS, signed', 0xff534d42 | 0],
  ];
  test.each(networks)('%s is no local disk, and is refused', async (_, type) => {
    expect(await codeOf(opened(join(folder, 'data'), type))).toBe('store_unsafe');
  });

  test.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['Btrfs', 0x9123683e],
    ['ZFS', 0x2fc12fc1],
    ['tmpfs', 0x01021994],
    ['overlay', 0x794c7630],
    ['APFS', 0x1a],
  ])('%s is taken', async (_, type) => {
    expect(await codeOf(opened(join(folder, 'data'), type))).toBeUndefined();
  });

  test('a folder that is not there is made, for its owner alone', async () => {
    const path = join(folder, 'a', 'b');
    const driver = await openEmbedded({ path });
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await driver.close();
  });

  test('every file in it is for its owner alone, and doctor tells of one that is not', async () => {
    const path = join(folder, 'data');
    const driver = await openEmbedded({ path });
    const files = ['data.mdb', 'lock.mdb', 'gate/data.mdb', 'gate/lock.mdb'];
    const permissions = async () => (await driver.diagnose()).find(({ check }) => check === 'permissions');
    expect(files.map((file) => [file, statSync(join(path, file)).mode & 0o777])).toEqual(
      files.map((file) => [file, 0o600]),
    );
    expect(await permissions()).toMatchObject({ ok: true });
    for (const [name, mode] of [
      ['data.mdb', 0o640],
      ['gate/lock.mdb', 0o604],
      ['', 0o711],
    ] as const) {
      const before = statSync(join(path, name)).mode;
      chmodSync(join(path, name), mode);
      expect([name, await permissions()]).toMatchObject([name, { ok: false }]);
      chmodSync(join(path, name), before);
    }
    expect(await permissions()).toMatchObject({ ok: true });
    await driver.close();
  });

  test('a path that is no folder, and data that is no LMDB, say that the store is not available', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    expect(await codeOf(openEmbedded({ path: file }))).toBe('store_unavailable');
    expect(await codeOf(openEmbedded({ path: join(file, 'below') }))).toBe('store_unavailable');
    for (const content of ['this is not a database '.repeat(1_000), 'abc', '\0'.repeat(8_192)]) {
      writeFileSync(join(folder, 'data.mdb'), content);
      expect(await codeOf(openEmbedded({ path: folder }))).toBe('store_unavailable');
    }
  });

  test('a store of another format is refused', async () => {
    const tables = await openTables(folder);
    await tables.service.put(['format'], FORMAT + 1);
    await tables.root.close();
    const driver = await openEmbedded({ path: folder });
    expect(await codeOf(driver.assertMigrated())).toBe('store_not_migrated');
    await driver.close();
  });

  test('S17: a commit is not seen before it is synced: overlapping syncs are off', async () => {
    const tables = await openTables(folder);
    const { overlappingSync } = tables.root as unknown as { overlappingSync?: boolean };
    const { options = {} } = tables.root as unknown as { options?: Record<string, unknown> };
    expect([overlappingSync, options['overlappingSync']]).toContain(false);
    await tables.root.close();
  });
});
