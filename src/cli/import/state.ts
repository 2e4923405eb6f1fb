import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';

const place = z.strictObject({ offset: z.int().nonnegative(), number: z.int().nonnegative(), digest: z.string() });
const schema = z.strictObject({
  version: z.literal(1),
  /** Which import this is: store, principal, owner and format, each hashed. */
  target: z.string(),
  /** The session of a transcript that names none. */
  session: z.string(),
  /** Everything before this place is stored or set aside. */
  done: place,
  imported: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
  /** How often a field of an export was not kept as it was. */
  changed: z.record(z.string(), z.int().nonnegative()).optional(),
  /** The length of the file of rejected lines at `done`. */
  rejectedBytes: z.int().nonnegative(),
  /** What is being stored: written ahead, so that a second attempt uses the same ids. */
  pending: z.strictObject({ end: place, at: z.iso.datetime(), ids: z.array(z.uuid()) }).optional(),
  complete: z.boolean(),
});

/** How far an import is. */
export type ImportState = z.output<typeof schema>;

/** The state file of an input. */
export function statePath(input: string): string {
  return `${input}.import-state.json`;
}

/** The state of an import that was begun, or undefined. */
export async function readState(input: string): Promise<ImportState | undefined> {
  let text: string;
  try {
    text = await readFile(statePath(input), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new MemwardenError('invalid_argument', {
      argument: 'state file',
      reason: 'damaged; remove it to start anew',
    });
  }
}

/** Puts a state in the place of the one before: whole, and on disk before anything is stored on its ground. */
export async function writeState(input: string, state: ImportState): Promise<void> {
  const path = statePath(input);
  // Made anew: what stands there may be a link to a file that is not ours.
  await rm(`${path}.tmp`, { force: true });
  const handle = await open(`${path}.tmp`, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.tmp`, path);
  await syncFolder(dirname(path));
}

/** Forgets an import. */
export async function removeState(input: string): Promise<void> {
  await rm(statePath(input), { force: true });
  await syncFolder(dirname(statePath(input)));
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
