import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { InstanceKeys, PublicJwk } from '../../crypto/keys/instance-keys.js';
import { isSigned, signedBytes } from '../../crypto/ledger.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { EXPORT_FORMATS, type ExportedFile, type ExportedUser, type ExportManifest } from '../../model/export.js';
import { LEVELS } from '../../model/levels.js';
import { MANIFEST_ENDING } from './files.js';
import { Totals } from './totals.js';

const time = z.iso.datetime();
const count = z.int().nonnegative();
const levels = z.partialRecord(z.enum(LEVELS), count);
const file = z.strictObject({
  // A name, no path: what is checked lies beside the manifest.
  name: z.string().regex(/^[^/\\]+$/),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const ofSpace = z.strictObject({ space: z.string(), memories: count, levels });
const shape = z.strictObject({
  format: z.literal('memwarden export manifest 1'),
  exportId: z.uuid(),
  storeId: z.string(),
  principal: z.strictObject({
    id: z.string(),
    role: z.string(),
    userId: z.string().optional(),
    purpose: z.string().optional(),
  }),
  recipient: z.string().optional(),
  query: z.strictObject({
    users: z.union([z.literal('all'), count]),
    spaces: z.union([z.literal('all'), count]).optional(),
    filter: z.record(z.string(), z.unknown()),
    format: z.enum(EXPORT_FORMATS),
    gzip: z.boolean(),
  }),
  approval: z
    .strictObject({ id: z.string(), approvedBy: z.strictObject({ id: z.string(), role: z.string() }), at: time })
    .optional(),
  policyRevisions: z.array(z.string()),
  startedAt: z.array(time),
  completedAt: time,
  counts: z.strictObject({
    users: count,
    memories: count,
    levels,
    spaces: z.array(ofSpace).optional(),
    withheld: count.optional(),
  }),
  files: z.array(file).length(2),
  signedBy: z.string(),
  signature: z.string(),
});
const userLine = z
  .strictObject({
    user_id: z.string().optional(),
    space: z.string().optional(),
    read_at: time,
    count,
    levels,
    policy: z.string(),
    withheld: z.literal(true).optional(),
  })
  .refine(({ user_id: userId, space }) => userId !== undefined || space !== undefined);
const jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() })),
});

/** Signs what an export is. */
export async function signManifest(
  statement: Omit<ExportManifest, 'signature' | 'signedBy'>,
  keys: InstanceKeys,
): Promise<ExportManifest> {
  const { id: signedBy } = await keys.current('signing');
  const whole = { ...statement, signedBy };
  const { signature } = await keys.sign(signedBytes(whole));
  return { ...whole, signature: signature.toString('base64url') };
}

/** The name, size and SHA-256 of a file. */
export async function fileOf(path: string, name = basename(path)): Promise<ExportedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { name, bytes, sha256: hash.digest('hex') };
}

/**
 * Checks an export offline: the signature of its manifest, every byte of its files, and that the counts are those of its
 * users. The files lie beside the manifest, under the names that they were exported as.
 *
 * @param path the manifest, under the name that goes with its export
 * @param keys the public keys, a JWKS as `memwarden keys public` prints it
 * @throws MemwardenError manifest_invalid, which names the file that is not what was signed
 */
export async function verifyExport(path: string, keys: string): Promise<ExportManifest> {
  const whole = parsedOnce(await readFile(path).catch(() => Buffer.alloc(0)));
  const manifest = shape.safeParse(whole);
  const known = jwks.safeParse(parsed(keys));
  if (!manifest.success || !known.success) throw invalid(basename(path));
  const { data } = manifest;
  // Of what stands there: zod leaves out a key `__proto__`.
  if (!isSigned(whole as Record<string, unknown>, known.data.keys as unknown as PublicJwk[]))
    throw invalid(basename(path));
  // Under another name it would stand beside a file that it says nothing of.
  if (basename(path) !== `${data.files[0]?.name ?? ''}${MANIFEST_ENDING}`) throw invalid(basename(path));
  for (const { name, bytes, sha256 } of data.files) {
    const found = await fileOf(join(dirname(path), name)).catch(() => undefined);
    if (found?.sha256 !== sha256 || found.bytes !== bytes) throw invalid(name);
  }
  const users = data.files[1]?.name ?? '';
  const counted = await totals(join(dirname(path), users));
  if (!counted?.are(data.counts as ExportManifest['counts'])) throw invalid(users);
  return data as unknown as ExportManifest;
}

async function totals(path: string): Promise<Totals | undefined> {
  const sum = new Totals();
  for await (const text of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    const line = userLine.safeParse(parsed(text));
    if (!line.success) return undefined;
    sum.add(line.data as ExportedUser);
  }
  return sum;
}

// The value of a text that says it in one way alone: no key twice, of which readers take this or that one, and numbers as
// JavaScript writes them. Blanks and escapes are as one likes.
function parsedOnce(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  const value = parsed(text);
  if (value === undefined) return undefined;
  const plain = text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : '',
  );
  return plain === JSON.stringify(value) ? value : undefined;
}

function invalid(name: string): MemwardenError {
  return new MemwardenError('manifest_invalid', { file: name });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
