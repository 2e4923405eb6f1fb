import { writeFileSync } from 'node:fs';
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

/** Writes one more of several certificates, a line each, at once: the next one takes over a minute. */
export function writeNext(file: string | undefined, certificate: object, isFirst: boolean): void {
  if (file === undefined) return;
  writeFileSync(file, `${JSON.stringify(certificate)}\n`, { mode: 0o600, flag: isFirst ? 'wx' : 'a', flush: true });
}

/** The certificates of a file that `writeCertificate` or `writeNext` made, each as it stands there. */
export function certificatesIn(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 && lines.every((line) => /^\{.*\}\r?$/.test(line)) ? lines : [text];
}
