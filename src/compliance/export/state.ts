import { createReadStream } from 'node:fs';
import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { ExportedUser, ExportManifest } from '../../model/export.js';
import { LEVELS } from '../../model/levels.js';
import type { KeptPart } from './context.js';
import { syncFolderOf } from './files.js';

const count = z.int().nonnegative();
const begun = z.strictObject({
  v: z.literal(1),
  exportId: z.uuid(),
  /** Which export this is: principal, users, filter, form and recipient, hashed. */
  target: z.string(),
  /** The name of the file that is being written. */
  generation: z.int().positive(),
});
const user = z.strictObject({
  user_id: z.string(),
  read_at: z.iso.datetime(),
  count,
  levels: z.partialRecord(z.enum(LEVELS), count),
  policy: z.string(),
  mark: z.string(),
  ids: z.record(z.string(), z.array(z.string())).optional(),
  start: count,
  end: count,
});
const run = z.strictObject({ run: z.iso.datetime() });
const done = z.strictObject({ done: z.looseObject({}) });

/** What an export is. */
export type Begun = z.output<typeof begun>;
/** A user's part that is written whole, and where. */
export interface DonePart extends ExportedUser {
  readonly mark: string;
  /** Of the memories, by the fields that went out of them, where the export is to be kept. */
  readonly ids?: KeptPart['ids'] | undefined;
  readonly start: number;
  readonly end: number;
}
/** A line of the state: each is on disk before anything rests on it. */
export type StateLine = Begun | DonePart | { readonly run: string } | { readonly done: ExportManifest };

const line = z.union([begun, user, run, done]);

/** How far an export is, kept as lines that only grow. It names users and holds no content. */
export class StateFile {
  readonly #handle: FileHandle;
  #at: number;

  private constructor(handle: FileHandle, at: number) {
    this.#handle = handle;
    this.#at = at;
  }

  /** A new state in the place of the one before it, if there is one. */
  static async begin(path: string, lines: readonly StateLine[]): Promise<StateFile> {
    const handle = await open(`${path}.tmp`, 'w', 0o600);
    try {
      const file = new StateFile(handle, 0);
      await file.add(lines);
      await rename(`${path}.tmp`, path);
      await syncFolderOf(path);
      return file;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Goes on with a state; a last line that was cut off is taken away. */
  static async resume(path: string): Promise<StateFile> {
    const handle = await open(path, 'r+');
    try {
      const at = await wholeLines(handle);
      await handle.truncate(at);
      return new StateFile(handle, at);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Adds lines; they are on disk when the promise resolves. */
  async add(lines: readonly StateLine[]): Promise<void> {
    const bytes = Buffer.from(lines.map((one) => `${JSON.stringify(one)}\n`).join(''));
    for (let done = 0; done < bytes.length;)
      done += (await this.#handle.write(bytes, done, bytes.length - done, this.#at + done)).bytesWritten;
    this.#at += bytes.length;
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Whether an export was begun here. */
export async function isBegun(path: string): Promise<boolean> {
  return stat(path).then(
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
 * @throws MemwardenError invalid_argument where one is none
 */
export async function* readState(path: string): AsyncGenerator<StateLine> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  for await (const text of lines) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw damaged();
    }
    const parsed = line.safeParse(value);
    if (!parsed.success) throw damaged();
    yield parsed.data as unknown as StateLine;
  }
}

/** Whether a line is a user's part. */
export function isPart(one: StateLine): one is DonePart {
  return 'mark' in one;
}

function damaged(): MemwardenError {
  return new MemwardenError('invalid_argument', { argument: 'state file', reason: 'damaged; start anew' });
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
