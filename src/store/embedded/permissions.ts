import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../model/finding.js';

/** The mode of a store's files: read and written by their owner alone. */
export const OWNER_ALONE = 0o600;
const OTHERS = 0o077;

/** Whether anybody but its owner may reach the folder of a store or a file in it. */
export async function permissions(path: string): Promise<Finding> {
  const check = 'permissions';
  if (process.platform === 'win32') return { check, ok: true, message: 'not looked at on this system' };
  const names = [
    '',
    ...(await readdir(path)),
    ...(await readdir(join(path, 'gate'))).map((name) => join('gate', name)),
  ];
  const modes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).mode));
  const open = modes.filter((mode) => mode & OTHERS).length;
  const message = `${open} of folder and files are open to other users of this host; run \`chmod -R go-rwx\` on the folder`;
  return { check, ok: open === 0, message: open === 0 ? 'for their owner alone' : message };
}
