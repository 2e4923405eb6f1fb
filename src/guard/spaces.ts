import { randomBytes } from 'node:crypto';
import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { MemoryRecord } from '../model/fields.js';
import type { PartitionSealer } from '../model/sealer.js';
import {
  accessOf,
  authorOf,
  isListOf,
  listRecord,
  readList,
  type AccessList,
} from '../model/space-list.js';
import type { StoredList } from '../model/space-lists.js';
import type { Access } from './access.js';
import type { GuardContext } from './context.js';
import type { Standing } from './standing.js';
import type { Use } from './use.js';

interface Opened {
  readonly stored: StoredList;
  readonly list: AccessList;
}

const ATTEMPTS = 8;
const NAME_BYTES = 16;

/**
 * The access lists of shared spaces. A list is read from the store at each call and never kept, so that a revocation is
 * in force at the next one in every process. Who is no member takes the steps of who asks for a space that is not there.
 */
export class Spaces {
  readonly #context: GuardContext;

  constructor(context: GuardContext) {
    this.#context = context;
  }

  /**
   * An access for one call. What policy and request refuse alone is refused before the list is read (S9).
   *
   * @throws MemwardenError forbidden
   */
  async settled(access: Access, uses: readonly Use[]): Promise<Access> {
    const binding = access.binding();
    for (const use of uses) access.plan(binding, use);
    const writes = uses.some(({ action }) => action === 'create');
    return access.standing(await this.#standing(access, writes));
  }

  /** Makes a space. @throws MemwardenError conflict where there is one of its name */
  async create(access: Access, list: AccessList): Promise<void> {
    const { lists } = this.#parts();
    const record = listRecord(access.partition, this.#context.clock());
    const isNew = await this.#underKey(access, true, (keys) =>
      lists.insert(access.partition, keys.seal(record, { content: JSON.stringify(list) })),
    );
    if (!isNew) throw new MemwardenError('conflict');
  }

  /** The list of a space. @throws MemwardenError not_found */
  async list(access: Access): Promise<AccessList> {
    const opened = await this.#open(access);
    if (!opened) throw new MemwardenError('not_found');
    return opened.list;
  }

  /**
   * Changes the list of a space. What was decided under the list before and has not been stored yet lands no more: when
   * this resolves, what was taken away is (S8).
   *
   * @param change gives the list after it, or the same where there is nothing to change
   * @throws MemwardenError not_found; conflict where others keep changing it
   */
  async change(access: Access, change: (list: AccessList) => AccessList): Promise<void> {
    if (await this.#changed(access, change)) await this.#parts().pass(access.partition);
  }

  async #changed(access: Access, change: (list: AccessList) => AccessList): Promise<boolean> {
    const { lists } = this.#parts();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const opened = await this.#open(access);
      if (!opened) throw new MemwardenError('not_found');
      const next = change(opened.list);
      if (next === opened.list) return false;
      const { record, place } = opened.stored;
      const after = listRecord(access.partition, this.#context.clock(), record);
      const isDone = await this.#underKey(access, false, (keys) =>
        lists.replace(access.partition, place, keys.seal(after, { content: JSON.stringify(next) })),
      );
      if (isDone) return true;
    }
    throw new MemwardenError('conflict');
  }

  async #standing(access: Access, writes: boolean): Promise<Standing> {
    const opened = await this.#open(access);
    const again = () => this.#standing(access, writes);
    const allowed = opened && accessOf(opened.list, access.principal);
    if (!opened || allowed === undefined) return { access: undefined, again };
    const { userId } = access.principal;
    const named = writes && allowed === 'write' && userId !== undefined;
    const author = named ? (authorOf(opened.list, userId) ?? (await this.#named(access, userId))) : undefined;
    return { access: allowed, author, again };
  }

  // A name is drawn when a user first writes; nothing that has been decided depends on it.
  async #named(access: Access, userId: string): Promise<string | undefined> {
    let name: string | undefined;
    await this.#changed(access, (list) => {
      name = authorOf(list, userId);
      if (name !== undefined) return list;
      name = randomBytes(NAME_BYTES).toString('hex');
      return { ...list, authors: { ...list.authors, [name]: { user: userId } } };
    });
    return name;
  }

  // The keys are asked for whether or not there is a list, as they are on every miss (S10).
  async #open(access: Access): Promise<Opened | undefined> {
    const stored = await this.#parts().lists.get(access.partition);
    return this.#context.sealer.reading(access, async (keys) => {
      if (!stored) return undefined;
      const { record } = stored;
      if (!isListOf(access.partition, record) || (await keys.verify(record)) !== true) {
        if (!keys.erasing) this.#alarm(record);
        return undefined;
      }
      return { stored, list: readList(keys.open(record, ['content']).content) };
    });
  }

  async #underKey<T>(access: Access, create: boolean, work: (keys: PartitionSealer) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#context.sealer.writing(access, { messages: 1, create }, work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isMemwardenError(error, 'epoch_over')) throw error;
      }
    }
  }

  #alarm({ id }: MemoryRecord): void {
    this.#context.alarms.raise('malformed_record', this.#context.clock(), { id });
  }

  #parts(): NonNullable<GuardContext['spaces']> {
    const { spaces } = this.#context;
    if (!spaces) throw new MemwardenError('internal');
    return spaces;
  }
}
