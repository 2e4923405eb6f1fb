import { randomBytes } from 'node:crypto';
import { MemwardenError } from '../errors/memwarden-error.js';
import { accessOf, authorOf, namesOf, ownName, type AccessList, type OnErase } from '../model/space-list.js';
import { isNone } from '../model/plan.js';
import { spaceIdOf } from '../model/space.js';
import { compareText } from '../model/text.js';
import type { Binding } from '../policy/binding.js';
import type { Access } from './access.js';
import { administer } from './administer.js';
import type { GuardContext } from './context.js';
import { SpaceRegister } from './space-register.js';
import { mayGrant, SpaceLister, type SpacePage } from './space-pages.js';
import type { Standing } from './standing.js';
import type { Use } from './use.js';

const NAME_BYTES = 16;
const MOST_RULES = 32;
const READ: Use = { action: 'read' };

/** What stands for no space in particular. */
export const ANY_SPACE = 'any';

/**
 * The access lists of shared spaces. A list is read from the store at each call and never kept, so that a revocation is
 * in force at the next one in every process. Who is no member takes the steps of who asks for a space that is not there.
 */
export class Spaces {
  readonly #context: GuardContext;

  readonly #lister: SpaceLister;

  constructor(context: GuardContext) {
    this.#context = context;
    this.#lister = new SpaceLister(context);
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

  /** Makes a space. @throws MemwardenError space_exists where there is one of its name */
  async create(access: Access, list: AccessList): Promise<void> {
    if (!(await this.#register().put(access, list))) throw new MemwardenError('space_exists');
  }

  /** The list of a space. @throws MemwardenError not_found */
  async list(access: Access): Promise<AccessList> {
    const list = await this.#register().read(access);
    if (!list) throw new MemwardenError('not_found');
    return list;
  }

  /**
   * Changes the list of a space. What was decided under the list before and has not been stored yet lands no more: when
   * this resolves, what was taken away is (S8).
   *
   * @param change gives the list after it, or the same where there is nothing to change
   * @throws MemwardenError not_found; conflict where others keep changing it
   */
  async change(access: Access, change: (list: AccessList) => AccessList): Promise<void> {
    await this.#register().change(access, change);
    // Also where nothing was left to change: the try before this one may have been cut off here.
    await this.#parts().pass(access.partition);
  }

  /** A page of the spaces that a principal has a part in. @throws MemwardenError forbidden, invalid_cursor */
  page(asker: Access, limit: number, cursor?: string): Promise<SpacePage> {
    return this.#lister.page(asker, { lists: this.#parts().lists, register: this.#register() }, limit, cursor);
  }

  /**
   * Which of some users have written in which spaces. The user is told, while the list has them, and who may grant.
   *
   * @param asker an access of the principal to any space
   * @returns the spaces of each by the bytes of their ids; of who has written in none nothing
   */
  async authored(asker: Access, users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const binding = asker.binding();
    const { principal } = asker;
    const wanted = new Set(users);
    const self = isNone(asker.planOrNone(binding, READ)) ? undefined : principal.userId;
    const found = new Map<string, string[]>();
    if (!mayGrant(binding, asker.userId) && (self === undefined || !wanted.has(self))) return found;
    let count = 0;
    for await (const { userId: owner } of this.#parts().lists.spaces()) {
      const space = spaceIdOf(owner);
      const list = await this.#register().read(asker.to(owner));
      if (!list || space === undefined) continue;
      const all = mayGrant(binding, owner);
      const own = accessOf(list, principal) === undefined ? undefined : self;
      for (const user of new Set(Object.values(list.authors).map((author) => author.user))) {
        if (!wanted.has(user) || !(all || user === own)) continue;
        const spaces = found.get(user) ?? [];
        found.set(user, spaces);
        spaces.push(space);
        count += 1;
      }
    }
    for (const spaces of found.values()) spaces.sort(compareText);
    if (count > 0) await this.#told(asker, binding, count);
    return found;
  }

  /**
   * Runs a look at what is on record of a space: for who may look at the log, and for who may grant. Who may grant is told
   * of every space, who else of those whose lists have it as one that reads; of others no more than of one that is not
   * there.
   *
   * @throws MemwardenError forbidden
   */
  account<T>(access: Access, run: (isTold: boolean) => Promise<T>): Promise<T> {
    const { principal, userId: owner, origin } = access;
    const binding = access.binding();
    const grants = mayGrant(binding, owner);
    const audits = binding.decide('audit', 'AuditRecord', { user_id: owner });
    const by =
      grants && !audits
        ? ({ action: 'grant', subject: 'SharedMemory' } as const)
        : ({ action: 'audit', subject: 'AuditRecord' } as const);
    let isTold = grants;
    // The pseudonym of a space would tell whoever reads the log of one that they are not told of.
    const names = async () => (isTold ||= await this.#reads(access, binding));
    const look = { ...by, act: 'report', owner, changes: false, names, ...(origin ? { origin } : {}) };
    return administer(this.#context, principal, look, () => run(isTold));
  }

  /** How many users a space counts for where an export asks for an approval: those who have written there. */
  async weight(access: Access): Promise<number> {
    const list = await this.#register().read(access);
    if (!list || accessOf(list, access.principal) === undefined) return 1;
    return Math.max(1, new Set(Object.values(list.authors).map(({ user }) => user)).size);
  }

  async #told({ principal, origin }: Access, binding: Binding, count: number): Promise<void> {
    await this.#context.auditor.record({
      principal,
      owner: undefined,
      action: 'export',
      subject: 'SharedMemory',
      act: 'export.authors',
      phase: 'read',
      outcome: 'allowed',
      ids: [],
      count,
      rules: binding.speaking('grant', 'SharedMemory').slice(0, MOST_RULES),
      revision: binding.revision,
      ...(origin ? { origin } : {}),
    });
  }

  async #reads(access: Access, binding: Binding): Promise<boolean> {
    const list = await this.#register().read(access);
    return (
      list !== undefined && accessOf(list, access.principal) !== undefined && !isNone(access.planOrNone(binding, READ))
    );
  }

  async #standing(access: Access, writes: boolean): Promise<Standing> {
    const list = await this.#register().read(access);
    const again = () => this.#standing(access, writes);
    const allowed = list && accessOf(list, access.principal);
    if (!list || allowed === undefined) return { access: undefined, again };
    const { userId } = access.principal;
    const named = writes && allowed === 'write' && userId !== undefined;
    const author = named ? (authorOf(list, userId) ?? (await this.#named(access, userId, list.onErase))) : undefined;
    return { access: allowed, author, again, namesOf: (user) => namesOf(list, user) };
  }

  // A name is drawn when a user first writes; nothing that has been decided depends on it.
  async #named(access: Access, userId: string, onErase: OnErase): Promise<string | undefined> {
    const id = randomBytes(NAME_BYTES).toString('hex');
    // The secret first: one that no list names opens nothing.
    if (onErase === 'remove') await this.#parts().letIn(access.partition, id);
    let name: string | undefined;
    await this.#register().change(access, (list) => {
      name = authorOf(list, userId);
      if (name !== undefined) return list;
      name = onErase === 'remove' ? ownName(id) : id;
      return { ...list, authors: { ...list.authors, [name]: { user: userId } } };
    });
    return name;
  }

  #register(): SpaceRegister {
    const { sealer, clock, alarms } = this.#context;
    return new SpaceRegister({ lists: this.#parts().lists, sealer, clock, alarms });
  }

  #parts(): NonNullable<GuardContext['spaces']> {
    const { spaces } = this.#context;
    if (!spaces) throw new MemwardenError('internal');
    return spaces;
  }
}
