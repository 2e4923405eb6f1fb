import { hkdfSync, randomBytes } from 'node:crypto';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import type { MemoryRecord } from '../../model/fields.js';
import type { Sealer } from '../../model/sealer.js';

const BYTES = 32;
const ATTEMPTS = 8;
// A sealed share is in the form of a record, which binds it to its user, its export and its place.
const LONG_AGO = new Date(0);

/** A share of a key, sealed under the key of a user. */
export type SealedShare = Readonly<Record<'content' | 'seal' | 'key_id', string>>;

/** A share that was opened, and whether it has to be asked for anew. */
interface Opened {
  readonly userId: string;
  readonly sealed: SealedShare;
  readonly author: string | undefined;
  readonly isOver: () => boolean;
}

/**
 * The key of an export that is kept. It is the exclusive or of a random share for each user in it, each sealed under that
 * user's key: with the key of any of them it dies (S22), and such a file may not be released any more at all (S27). The id
 * of the job goes into it too: of an export of no users it is all that is secret. So does what is said to be in it.
 */
export class KeptKey {
  readonly #sealer: Sealer;
  readonly #tenant: string;
  readonly #job: string;
  readonly #sum = Buffer.alloc(BYTES);
  #opened: Opened[] = [];

  /** @param tenant whose users' keys these are */
  constructor(sealer: Sealer, tenant: string, job: string) {
    this.#sealer = sealer;
    this.#tenant = tenant;
    this.#job = job;
  }

  /** Gives a user a key who has none. @throws MemwardenError erasing, owner_key_required */
  async prepare(userId: string): Promise<void> {
    const unlock = { partition: { tenant: this.#tenant, userId } };
    await this.#sealer.writing(unlock, { messages: 0, create: true }, () => Promise.resolve());
  }

  /**
   * Draws the share of a user or of a space, or of who has a secret in a space.
   *
   * @throws MemwardenError export_unsettled where there is no such key any more
   */
  async draw(userId: string, author?: string): Promise<SealedShare> {
    const share = randomBytes(BYTES);
    const unlock = { partition: { tenant: this.#tenant, userId } };
    const drawn = () =>
      this.#sealer.writing(unlock, { messages: 1, create: false }, (keys) => {
        // A key made now would outlive the erasure that took the one from before.
        if (keys.epoch === 0) return Promise.reject(new MemwardenError('export_unsettled'));
        const sealed = keys.seal(this.#recordOf(userId, author), { content: share.toString('base64') });
        return Promise.resolve(toJson(sealed));
      });
    const over = (next: () => Promise<SealedShare>) => (error: unknown) => {
      if (!isMemwardenError(error, 'epoch_over')) throw error;
      return next();
    };
    // The key record at hand may be older than the secret; where the newest has none, its author was erased.
    const gone = () => Promise.reject<SealedShare>(new MemwardenError('export_unsettled'));
    const sealed = await drawn().catch(over(() => drawn().catch(over(gone))));
    this.#add(share);
    return sealed;
  }

  /** Opens such a share. @returns whether it can be opened still */
  async open(userId: string, sealed: SealedShare, author?: string): Promise<boolean> {
    const unlock = { partition: { tenant: this.#tenant, userId } };
    return this.#sealer.reading(unlock, async (keys) => {
      const record = { ...this.#recordOf(userId, author), ...fromJson(sealed) };
      if (keys.erasing || !(await keys.verify(record))) return false;
      const { content = '' } = keys.open(record, ['content']);
      this.#add(Buffer.from(content, 'base64'));
      this.#opened.push({ userId, sealed, author, isOver: keys.isOver });
      return true;
    });
  }

  /** Whether the keys that some share was opened with may be used no more. */
  get isOver(): boolean {
    return this.#opened.some(({ isOver }) => isOver());
  }

  /**
   * Opens every share anew that was opened before. Where one's keys are over by the time that the last is open, once more:
   * those of the others are at hand then.
   *
   * @returns whether each can be opened still
   */
  async reopen(): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (!(await this.#openAll(this.#opened))) return false;
      if (!this.isOver) return true;
    }
    return false;
  }

  async #openAll(shares: readonly Opened[]): Promise<boolean> {
    this.#opened = [];
    this.wipe();
    try {
      for (const { userId, sealed, author } of shares) if (!(await this.open(userId, sealed, author))) return false;
      return true;
    } finally {
      // Also where one does not open: of fewer it would be another key.
      if (this.#opened.length < shares.length) this.#opened = [...shares];
    }
  }

  /** Forgets the key; `reopen` brings it back. */
  wipe(): void {
    this.#sum.fill(0);
  }

  /**
   * The key, once every share is in it.
   *
   * @param about a digest of what says what is in the export: where that was changed, it is another key
   */
  key(about: Buffer): Buffer {
    const info = Buffer.concat([Buffer.from('memwarden kept export 2 '), about]);
    return Buffer.from(hkdfSync('sha256', this.#sum, Buffer.from(this.#job), info, BYTES));
  }

  #add(share: Buffer): void {
    for (let at = 0; at < BYTES; at += 1) this.#sum[at] = (this.#sum[at] ?? 0) ^ (share[at] ?? 0);
  }

  #recordOf(userId: string, author: string | undefined): MemoryRecord {
    return {
      id: this.#job,
      tenant: this.#tenant,
      user_id: userId,
      sensitivity: 'sensitive',
      category: 'export',
      occurred_at: LONG_AGO,
      created_at: LONG_AGO,
      updated_at: LONG_AGO,
      version: 1,
      ...(author === undefined ? {} : { author }),
    };
  }
}

function toJson({ content, seal, key_id = '' }: MemoryRecord): SealedShare {
  if (!Buffer.isBuffer(content) || !seal) throw new MemwardenError('internal');
  return { content: content.toString('base64'), seal: seal.toString('base64'), key_id };
}

function fromJson({ content, seal, key_id }: SealedShare): Pick<MemoryRecord, 'content' | 'seal' | 'key_id'> {
  return { content: Buffer.from(content, 'base64'), seal: Buffer.from(seal, 'base64'), key_id };
}
