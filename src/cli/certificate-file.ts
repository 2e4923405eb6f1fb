import { writeFile } from 'node:fs/promises';

/** Writes a certificate of an erasure or a drop, for its owner's eyes, and waits until it is on the disk. */
export async function writeCertificate(file: string | undefined, certificate: object | undefined): Promise<void> {
  if (file === undefined || certificate === undefined) return;
  await writeFile(file, `${JSON.stringify(certificate, null, 2)}\n`, { mode: 0o600, flush: true });
}
