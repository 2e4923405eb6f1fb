import { access, writeFile } from 'node:fs/promises';
import { badArgument } from './failure.js';

/**
 * Makes sure that a file is not there yet: before anything is destroyed that it is to prove, or to tell of.
 *
 * @throws MemwardenError invalid_argument
 */
export async function assertNew(flag: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw badArgument(flag, 'the file is there already, and may be the only proof of something else');
}

/** Writes a certificate of an erasure or a drop, for its owner's eyes, and waits until it is on the disk. Overwrites nothing. */
export async function writeCertificate(file: string | undefined, certificate: object | undefined): Promise<void> {
  if (file === undefined || certificate === undefined) return;
  await writeFile(file, `${JSON.stringify(certificate, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
}
