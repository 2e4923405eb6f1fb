import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WardenOptions } from '../config/options.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import { badArgument } from './failure.js';
import { visible } from './visible.js';

// What every embedded store has from its first moment on.
const FIRST_FILE = 'data.mdb';

/**
 * Ends a command that must not make a store where there is none: a path with a slip in it would be a new, empty one. A
 * database is made by `migrate` alone, and says itself that it is not prepared.
 *
 * @param makes whether the command may make one
 * @throws MemwardenError invalid_argument where the path is a file, store_unavailable where there is no store
 */
export async function assertStore({ store }: Pick<WardenOptions, 'store'>, makes = false): Promise<void> {
  if (store?.kind !== 'embedded') return;
  const { path } = store;
  if ((await kindOf(path)) === 'file') throw badArgument('--data', `${visible(path)} is a file; name a folder`);
  if (makes || (await kindOf(join(path, FIRST_FILE))) === 'file') return;
  throw new MemwardenError('store_unavailable', {
    argument: '--data',
    reason: `there is no store at ${visible(path)}; commands that write, such as add, import and serve, make one`,
  });
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  return stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    // What cannot be looked at is told by the store itself, where it is to be opened.
    () => undefined,
  );
}
