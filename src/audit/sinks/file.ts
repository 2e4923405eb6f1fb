import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredGroup } from '../../model/audit-storage.js';
import { newId } from '../../model/id.js';
import { REGISTRY } from '../format.js';
import type { Delivery } from './buffered.js';

/** How the file sink keeps its files. */
export interface FileSettings {
  /** The folder, which is made. */
  readonly path: string;
  /** A file of this size is ended and another begun. */
  readonly maxBytes: number;
  /** Whether a group is on the disk when it counts as delivered. */
  readonly synced: boolean;
}

interface Part {
  readonly number: number;
  readonly file: FileHandle;
  bytes: number;
}

/**
 * Writes the lines of the log to files, a stream a file (`<stream>.0001.jsonl`), so that processes do not meet; what a
 * process adds to the registry goes to a file of its own (`registry-<id>.0001.jsonl`).
 */
export class FileDelivery implements Delivery {
  readonly #settings: FileSettings;
  readonly #registry = `${REGISTRY}-${newId()}`;
  readonly #parts = new Map<string, Part>();
  readonly #broken = new Map<string, { readonly number: number; readonly bytes: number }>();

  constructor(settings: FileSettings) {
    this.#settings = settings;
  }

  async deliver(groups: readonly StoredGroup[]): Promise<void> {
    for (const [name, bodies] of byFile(groups, this.#registry)) await this.#append(name, Buffer.concat(bodies));
  }

  async close(): Promise<void> {
    for (const { file } of this.#parts.values()) await file.close();
    this.#parts.clear();
  }

  async #append(name: string, lines: Buffer): Promise<void> {
    const part = await this.#part(name, lines.length);
    try {
      await part.file.writeFile(lines);
      if (this.#settings.synced) await part.file.datasync();
      part.bytes += lines.length;
    } catch (error) {
      // A part of a group must not stand before its second try, which goes on in the same file.
      this.#parts.delete(name);
      this.#broken.set(name, { number: part.number, bytes: part.bytes });
      await part.file.truncate(part.bytes).catch(() => undefined);
      await part.file.close().catch(() => undefined);
      throw error;
    }
  }

  async #part(name: string, more: number): Promise<Part> {
    const broken = this.#broken.get(name);
    if (broken) {
      const again = await this.#open(name, broken.number, broken.bytes);
      this.#broken.delete(name);
      return again;
    }
    const part = this.#parts.get(name);
    if (part && (part.bytes === 0 || part.bytes + more <= this.#settings.maxBytes)) return part;
    const next = await this.#open(name, (part?.number ?? 0) + 1, 0);
    await part?.file.close();
    if (!part && !name.startsWith(REGISTRY)) await this.#letGo(name);
    return next;
  }

  // A process writes one stream at a time: the files of those before are not written any more.
  async #letGo(but: string): Promise<void> {
    for (const [name, { file }] of this.#parts) {
      if (name === but || name.startsWith(REGISTRY)) continue;
      this.#parts.delete(name);
      await file.close();
    }
  }

  async #open(name: string, number: number, bytes: number): Promise<Part> {
    await mkdir(this.#settings.path, { recursive: true, mode: 0o700 });
    const path = join(this.#settings.path, `${name}.${String(number).padStart(4, '0')}.jsonl`);
    const file = await open(path, 'a', 0o600);
    // What a try that failed has left.
    if (bytes > 0 || this.#broken.has(name)) await file.truncate(bytes).catch(() => undefined);
    const part = { number, bytes, file };
    this.#parts.set(name, part);
    return part;
  }
}

function byFile(groups: readonly StoredGroup[], registry: string): Map<string, Buffer[]> {
  const files = new Map<string, Buffer[]>();
  for (const { stream, body } of groups) {
    const name = stream === REGISTRY ? registry : stream;
    files.set(name, [...(files.get(name) ?? []), body]);
  }
  return files;
}
