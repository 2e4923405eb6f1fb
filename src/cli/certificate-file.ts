import { writeFileSync } from 'node:fs';
import { open, unlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { badArgument, isFileError } from './failure.js';
import { write, type Io } from './io.js';

/**
 * Makes sure that files can be made and are not there yet: before anything is destroyed that they are to prove, or to tell
 * of.
 *
 * @param files by their flags
 * @throws MemwardenError invalid_argument
 */
export async function assertNew(files: Readonly<Record<string, string | undefined>>): Promise<void> {
  const seen = new Set<string>();
  for (const [flag, file] of Object.entries(files)) {
    if (file === undefined) continue;
    if (seen.has(resolve(file))) throw badArgument(flag, 'the file of another flag');
    seen.add(resolve(file));
    try {
      // Made, not looked at: the system knows best what it would refuse.
      await (await open(file, 'wx', 0o600)).close();
      await unlink(file);
    } catch (error) {
      const isThere = isFileError(error) && error.code === 'EEXIST';
      const why = isThere
        ? 'the file is there already, and may be the only proof of something else'
        : 'cannot be written';
      throw badArgument(flag, why);
    }
  }
}

/**
 * Writes a certificate of an erasure or a drop, for its owner's eyes, and waits until it is on the disk. Overwrites nothing.
 * Where the file cannot be written any more, the certificate goes to standard output: it can be made but once.
 */
export async function writeCertificate(
  io: Io,
  file: string | undefined,
  certificate: object | undefined,
): Promise<void> {
  if (file === undefined || certificate === undefined) return;
  const text = `${JSON.stringify(certificate, null, 2)}\n`;
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx', flush: true });
  } catch (error) {
    await write(io.stdout, text);
    throw error;
  }
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
