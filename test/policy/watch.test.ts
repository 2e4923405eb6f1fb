import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { watchFolder, type Watch } from '../../src/policy/watch.js';

const TIMES = { quietMs: 20, retryMs: 40, lookMs: 50 };

describe('watching a folder of policies', () => {
  let base: string;
  let folder: string;
  let watch: Watch | undefined;
  let reloads: number;
  let failures: number;
  let onReload: () => void;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'memwarden-watch-'));
    folder = join(base, 'policies');
    mkdirSync(folder);
    writeFileSync(join(folder, 'agent.yaml'), '1');
    [reloads, failures, onReload] = [0, 0, () => undefined];
  });
  afterEach(async () => {
    await watch?.close();
    rmSync(base, { recursive: true, force: true });
  });

  async function watched(at = folder): Promise<void> {
    watch = await watchFolder(
      at,
      async () => {
        reloads += 1;
        onReload();
        if (failures > 0) {
          failures -= 1;
          throw new Error('does not load');
        }
      },
      TIMES,
    );
  }

  /** Waits for a reload after a change; a change that is missed ends in the time limit of the test. */
  async function reloadAfter(change: () => void): Promise<void> {
    const next = new Promise<void>((resolve) => (onReload = resolve));
    change();
    await next;
  }
  const put = (text: string) => writeFileSync(join(folder, 'agent.yaml'), text);
  const replaceFile = (text: string) => {
    writeFileSync(join(base, 'next'), text);
    renameSync(join(base, 'next'), join(folder, 'agent.yaml'));
  };
  const replaceFolder = () => {
    mkdirSync(join(base, 'next'));
    writeFileSync(join(base, 'next', 'agent.yaml'), '3');
    renameSync(folder, join(base, 'old'));
    renameSync(join(base, 'next'), folder);
  };

  test('a file that is written, replaced by rename, added or taken away is noticed, again and again', async () => {
    await watched();
    await reloadAfter(() => put('2'));
    await reloadAfter(() => replaceFile('3'));
    await reloadAfter(() => put('4'));
    await reloadAfter(() => writeFileSync(join(folder, 'admin.yaml'), '1'));
    await reloadAfter(() => unlinkSync(join(folder, 'admin.yaml')));
    await reloadAfter(() => replaceFile('5'));
  });

  test('a folder that is replaced as a whole is noticed, and so is what happens in the new one', async () => {
    await watched();
    await reloadAfter(replaceFolder);
    await reloadAfter(() => put('4'));
    await reloadAfter(() => replaceFile('5'));
  });

  test('a link that is put on another folder is noticed, as deployments do with releases and mounted volumes', async () => {
    mkdirSync(join(base, 'v2'));
    writeFileSync(join(base, 'v2', 'agent.yaml'), '1');
    symlinkSync('policies', join(base, 'current'));
    await watched(join(base, 'current'));
    await reloadAfter(() => {
      symlinkSync('v2', join(base, 'next'));
      renameSync(join(base, 'next'), join(base, 'current'));
    });
    await reloadAfter(() => writeFileSync(join(base, 'v2', 'agent.yaml'), '22'));
  });

  test('many changes in one go are one reload', async () => {
    await watched();
    await reloadAfter(() => {
      for (let i = 0; i < 50; i += 1) put(`${i}`);
    });
    expect(reloads).toBe(1);
  });

  test('S5: a reload that fails is tried again until it succeeds, though nothing changes', async () => {
    await watched();
    failures = 3;
    const succeeded = new Promise<void>((resolve) => (onReload = () => failures === 0 && resolve()));
    put('broken for a while');
    await succeeded;
    expect(reloads).toBe(4);
  });

  test('a watch that is closed calls back no more', async () => {
    await watched();
    put('2');
    await watch?.close();
    watch = undefined;
    const after = reloads;
    put('3');
    await new Promise((resolve) => setTimeout(resolve, 5 * TIMES.lookMs));
    expect(reloads).toBe(after);
  });
});
