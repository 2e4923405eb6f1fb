import { verify } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { AuditSource } from '../model/audit-storage.js';
import type { Checkpoint, CheckpointedHead } from '../model/audit-report.js';
import { newId } from '../model/id.js';
import type { SigningKeys } from '../model/signing-keys.js';
import { claimedPlace } from './check.js';
import { canonical, FORMAT, REGISTRY } from './format.js';
import { StreamStates, type NamedKey } from './registry.js';
import { publicKey } from './signatures.js';

const DOMAIN = 'memwarden audit checkpoint 1\n';

/**
 * Makes a checkpoint of all streams as they stand.
 *
 * @returns canonical JSON `{checkpoint, sig}` and a line feed
 */
export async function makeCheckpoint(source: AuditSource, keys: SigningKeys, at: Date): Promise<string> {
  const key = await keys.current();
  // The registry first: a stream that is closed in between is then still taken for open, and told by its own head.
  const registry = await headOf(source, REGISTRY);
  const states = await StreamStates.read(source);
  const open: CheckpointedHead[] = [];
  for (const [stream, { closed, pruned }] of states.streams) {
    if (!closed && !pruned) open.push(await headOf(source, stream));
  }
  const own = { id: key.id, x: key.publicKey.toString('base64url') };
  const known = states.keys.some(({ id }) => id === own.id) ? states.keys : [...states.keys, own];
  const checkpoint: Checkpoint = {
    v: FORMAT,
    kind: 'checkpoint',
    id: newId(),
    time: at.toISOString(),
    registry,
    open,
    keys: known,
    key: key.id,
  };
  const sig = key.sign(Buffer.from(DOMAIN + canonical(checkpoint))).toString('base64url');
  return `${canonical({ checkpoint, sig })}\n`;
}

/**
 * Reads a checkpoint and checks its signature.
 *
 * @param keys public keys that were kept elsewhere; without them the checkpoint's own
 * @throws MemwardenError audit_checkpoint_invalid
 */
export function readCheckpoint(text: string, keys?: readonly NamedKey[]): Checkpoint {
  try {
    const { checkpoint, sig } = JSON.parse(text) as { checkpoint: Checkpoint; sig: string };
    const named = (keys ?? checkpoint.keys).find(({ id }) => id === checkpoint.key);
    const key = named && publicKey(named.x);
    const signed = Buffer.from(DOMAIN + canonical(checkpoint));
    const isSame = text.trimEnd() === canonical({ checkpoint, sig });
    if (key && isSame && checkpoint.v === FORMAT && verify(null, signed, key, Buffer.from(sig, 'base64url')))
      return checkpoint;
  } catch {
    // Whatever it is, it is no checkpoint.
  }
  throw new MemwardenError('audit_checkpoint_invalid');
}

/** Writes a checkpoint into a folder, which is made; it is there whole or not at all. @returns its path */
export async function keepCheckpoint(folder: string, text: string): Promise<string> {
  const { checkpoint } = JSON.parse(text) as { checkpoint: Checkpoint };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${checkpoint.time.replace(/[:.]/g, '-')}-${checkpoint.id}.json`);
  const file = await open(`${path}.part`, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
  return path;
}

/** The newest checkpoint of a folder, as text; undefined where there is none. */
export async function newestCheckpoint(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const newest = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : readFile(join(folder, newest), 'utf8');
}

async function headOf(source: AuditSource, stream: string): Promise<CheckpointedHead> {
  const last = await source.last(stream);
  const place = last && claimedPlace(last.body);
  if (last && !place) throw new MemwardenError('audit_unavailable', { reason: 'a stream is damaged' });
  return { stream, group: place?.group ?? 0, seq: place?.seq ?? 0, head: place?.head ?? '' };
}
