import { lstat, rename, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { InstanceKeys } from '../../crypto/keys/instance-keys.js';
import type { ExportedUser, ExportManifest } from '../../model/export.js';
import { LEVELS } from '../../model/levels.js';
import type { KeptPart } from './context.js';
import { IN_CLEAR, type Cover } from './cover.js';
import { damaged } from './damaged.js';
import { syncFolderOf } from './files.js';
import { createOwn, openOwn, readOwn } from './own-file.js';
import { StateChain } from './state-chain.js';

const count = z.int().nonnegative();
const begun = z.strictObject({
  v: z.literal(2),
  exportId: z.uuid(),
  /** Which export this is: principal, users, filter, form and recipient, hashed. */
  target: z.string(),
  /** The name of the file that is being written. */
  generation: z.int().positive(),
  /** The id of the instance key under which the lines are authenticated. */
  key: z.string(),
});
const user = z.strictObject({
  user_id: z.string().optional(),
  space: z.string().optional(),
  read_at: z.iso.datetime(),
  count,
  levels: z.partialRecord(z.enum(LEVELS), count),
  policy: z.string(),
  withheld: z.literal(true).optional(),
  mark: z.string(),
  ids: z.record(z.string(), z.array(z.string())).optional(),
  authors: z.array(z.string()).optional(),
  start: count,
  end: count,
  /** SHA-256 of the file up to the end, hexadecimal. */
  digest: z.string(),
});
const run = z.strictObject({ run: z.iso.datetime() });
const done = z.strictObject({ done: z.looseObject({}) });

/** What an export is. */
export type Begun = z.output<typeof begun>;
/** A part that is written whole, and where. */
export interface DonePart extends ExportedUser {
  readonly mark: string;
  /** Of the memories, by the fields that went out of them, where the export is to be kept. */
  readonly ids?: KeptPart['ids'] | undefined;
  /** Of a space: the names of those who wrote them, likewise. */
  readonly authors?: readonly string[] | undefined;
  readonly start: number;
  readonly end: number;
  readonly digest: string;
}
/** A line of the state: each is on disk before anything rests on it. */
export type StateLine = Begun | DonePart | { readonly run: string } | { readonly done: ExportManifest };

const line = z.union([begun, user, run, done]);

/** How far an export is, kept as lines that only grow, each authenticated. It names users and holds no content. */
export class StateFile {
  readonly #handle: FileHandle;
  readonly #chain: StateChain;
  readonly #cover: Cover;
  #at: number;

  private constructor(handle: FileHandle, chain: StateChain, at: number, cover: Cover) {
    this.#handle = handle;
    this.#chain = chain;
    this.#at = at;
    this.#cover = cover;
  }

  /** A new state in the place of the one before it, if there is one. */
  static async begin(
    path: string,
    chain: StateChain,
    lines: readonly StateLine[],
    cover = IN_CLEAR,
  ): Promise<StateFile> {
    const handle = await createOwn(`${path}.tmp`);
    try {
      const file = new StateFile(handle, chain, 0, cover);
      await file.add(lines);
      await rename(`${path}.tmp`, path);
      await syncFolderOf(path);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Takes a last line away that was cut off. */
  static async cut(path: string): Promise<void> {
    const handle = await openOwn(path);
    try {
      await handle.truncate(await wholeLines(handle));
    } finally {
      await handle.close();
    }
  }

  /** Goes on with a state in clear whose lines have been read. */
  static async resume(path: string, chain: StateChain): Promise<StateFile> {
    const handle = await openOwn(path);
    return new StateFile(handle, chain, (await handle.stat()).size, IN_CLEAR);
  }

  /** Adds lines; they are on disk when the promise resolves. */
  async add(lines: readonly StateLine[]): Promise<void> {
    const bytes = this.#cover.seal(Buffer.from(lines.map((one) => `${this.#chain.sealed(one)}\n`).join('')));
    for (let done = 0; done < bytes.length;)
      done += (await this.#handle.write(bytes, done, bytes.length - done, this.#at + done)).bytesWritten;
    this.#at += bytes.length;
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Whether something has this name. */
export async function isBegun(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}

/**
 * The lines of a state, one after the other.
 *
 * @param about how it lies on disk, in clear where nothing is said; and what takes what goes on with the lines once all are
 *   read
 * @throws MemwardenError invalid_argument where one is none, or is not what was written
 */
export async function* readState(
  path: string,
  keys: InstanceKeys,
  { cover = IN_CLEAR, onChain }: { readonly cover?: Cover; readonly onChain?: (chain: StateChain) => void } = {},
): AsyncGenerator<StateLine> {
  let chain: StateChain | undefined;
  const file = await readOwn(path);
  const input = cover.opened(file);
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      const value = parsed(text);
      if (!chain) {
        chain = await StateChain.under(keys, keyOf(value));
        onChain?.(chain);
      }
      const found = line.safeParse(chain.opened(value));
      if (!found.success) throw damaged();
      yield found.data as unknown as StateLine;
    }
  } finally {
    input.destroy();
    file.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged();
  }
}

/** Whether a line is a part. */
export function isPart(one: StateLine): one is DonePart {
  return 'mark' in one;
}

// Of the first line, which is checked under that very key.
function keyOf(value: unknown): string {
  const first = z.looseObject({ v: z.literal(2), key: z.string() }).safeParse(value);
  if (!first.success) throw damaged();
  return first.data.key;
}

const TAIL = 1 << 16;

// A line with the ids of many memories is longer than the tail.
async function wholeLines(handle: FileHandle): Promise<number> {
  let { size: end } = await handle.stat();
  while (end > 0) {
    const from = Math.max(0, end - TAIL);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAIL), 0, end - from, from);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(10);
    if (at !== -1) return from + at + 1;
    end = from;
  }
  return 0;
}
