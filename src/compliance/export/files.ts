import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createOwn } from './own-file.js';

/** The files of an export beside the one that was asked for. */
export interface ExportPaths {
  readonly out: string;
  readonly users: string;
  readonly manifest: string;
  /** The export while it is written, by how often it was begun on. */
  partial(generation: number): string;
  /** How far it is: no content. */
  readonly state: string;
}

/** What the name of a manifest ends in, behind that of its export. */
export const MANIFEST_ENDING = '.manifest.json';

/** Where the files of an export lie. */
export function pathsOf(out: string): ExportPaths {
  return {
    out,
    users: `${out}.users.ndjson`,
    manifest: `${out}${MANIFEST_ENDING}`,
    partial: (generation) => (generation === 1 ? `${out}.partial` : `${out}.partial-${generation}`),
    state: `${out}.export-state.ndjson`,
  };
}

/** Takes away what an export has written that has not come to its end, of whatever generation. */
export async function removePartials(paths: ExportPaths): Promise<void> {
  const { out } = paths;
  const first = basename(paths.partial(1));
  const names = await readdir(dirname(out));
  for (const name of names)
    if (name === first || (name.startsWith(`${first}-`) && /^[0-9]+$/.test(name.slice(first.length + 1))))
      await rm(join(dirname(out), name), { force: true });
}

/** Puts the entries of a folder on disk. */
export async function syncFolderOf(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Moves a file to its place; where that was done before, nothing is left to do. */
export async function settle(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

/** Writes a whole file beside its place and puts it on disk; `settle` moves it. */
export async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const handle = await createOwn(path);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
