import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Warden } from '../../src/warden.js';
import { ADMIN } from './warden.js';

async function inFolder<T>(work: (out: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-export-'));
  try {
    return await work(join(folder, 'out.ndjson'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An export of one user. */
export const exportHeld = (warden: Warden) => inFolder((out) => warden.export(ADMIN, { users: ['alice'], out }));

/**
 * Cuts an export off when all of it was read.
 *
 * @returns goes on with it, which asks whether it still stands and no more
 */
export async function exportCut(warden: Warden, userId: string): Promise<() => Promise<unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-export-'));
  const stop = new AbortController();
  const options = { users: [userId], out: join(folder, 'out.ndjson') };
  await warden.export(ADMIN, { ...options, signal: stop.signal, onProgress: () => stop.abort() });
  return async () => {
    const { complete } = await warden.export(ADMIN, options);
    rmSync(folder, { recursive: true, force: true });
    if (!complete) throw new Error('the export did not go on');
  };
}
