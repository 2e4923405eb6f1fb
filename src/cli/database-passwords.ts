import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { DatabaseUser } from '../wiring/roles.js';
import { badArgument } from './failure.js';
import { parseJson } from './flags.js';

type Use = DatabaseUser['use'];

const DEFAULT_FILE = './.memwarden/database-passwords.json';
const BYTES = 24;
const text = z.string().min(16).max(256);
const given = z.strictObject({ application: text.optional(), reporting: text.optional(), migrator: text.optional() });

/** Where passwords come from and go to. */
export interface PasswordPlaces {
  /** A file that holds them. */
  readonly from: string | undefined;
  /** A file that they are written into. */
  readonly out: string | undefined;
  /** Whether a person reads the output; else it may be kept by whatever runs the command. */
  readonly isTerminal: boolean;
}

/** Passwords of users of the database: given by a file, or made at random and told once. */
export class Passwords {
  readonly #given: z.output<typeof given> | undefined;
  readonly #out: string | undefined;
  #made: Readonly<Partial<Record<Use, string>>> = {};
  /** The file that they were written into. */
  written: string | undefined;

  private constructor(own: z.output<typeof given> | undefined, out: string | undefined) {
    this.#given = own;
    this.#out = out;
  }

  /** @throws MemwardenError invalid_argument where the file cannot be read, or holds something else */
  static async open({ from, out, isTerminal }: PasswordPlaces): Promise<Passwords> {
    if (from === undefined) return new Passwords(undefined, out ?? (isTerminal ? undefined : DEFAULT_FILE));
    const content = await readFile(from, 'utf8').catch(() => {
      throw badArgument('--passwords', 'cannot be read');
    });
    const parsed = given.safeParse(parseJson(content, '--passwords'));
    if (!parsed.success)
      throw badArgument('--passwords', 'write { "application", "reporting", "migrator" }, each 16 characters or more');
    return new Passwords(parsed.data, undefined);
  }

  /**
   * The passwords of users that are to be made. What is made here is on disk, or can be told, before any user is there.
   *
   * @throws MemwardenError invalid_argument where the file lacks one, or where the file to write is there already
   */
  async give(uses: readonly Use[]): Promise<Readonly<Partial<Record<Use, string>>>> {
    const own = this.#given;
    if (own) {
      const lacking = uses.find((use) => own[use] === undefined);
      if (lacking !== undefined) throw badArgument('--passwords', `has none for ${lacking}`);
      return own as Readonly<Partial<Record<Use, string>>>;
    }
    this.#made = Object.fromEntries(uses.map((use) => [use, randomBytes(BYTES).toString('base64url')]));
    if (this.#out !== undefined) {
      await writeNew(this.#out, `${JSON.stringify(this.#made, null, 2)}\n`);
      this.written = this.#out;
    }
    return this.#made;
  }

  /** What is to be told of a user that was made; nothing where it stands in a file. */
  told(use: Use): string | undefined {
    return this.#out === undefined ? this.#made[use] : undefined;
  }
}

async function writeNew(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(path, 'wx', 0o600).catch(() => {
    throw badArgument('--passwords-out', 'is there already, or cannot be written');
  });
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
