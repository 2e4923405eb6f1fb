import { createKeyFile } from '../crypto/kms/key-file.js';
import { openKms } from '../crypto/kms/open.js';
import { MemwardenError } from '../errors/memwarden-error.js';

/** A key file that was made. */
export interface NewKeyFile {
  readonly file: string;
  /** The name of its key, as it will stand beside wrapped keys. */
  readonly kekId: string;
}

/**
 * Makes a key file beside the one in use, for `keys rewrap`. The only way to one where the key store holds wrapped keys:
 * an act of its own, because a start that makes a key in the place of a lost one would hide the loss (S23).
 *
 * @throws MemwardenError conflict where a file is there, key_file_unsafe
 */
export async function newKeyFile(file: string): Promise<NewKeyFile> {
  if (!(await createKeyFile(file))) throw new MemwardenError('conflict', { argument: 'file', reason: 'it is there' });
  const kms = await openKms({ kind: 'local', path: file });
  const { kekId } = kms;
  await kms.close();
  return { file, kekId };
}
