import { MemwardenError } from '../errors/memwarden-error.js';
import type { Origin } from '../model/auditor.js';
import { compile } from '../model/evaluate.js';
import { isNone } from '../model/plan.js';
import type { Predicate } from '../model/predicate.js';
import { principalKey, type Principal } from '../model/principal.js';
import { isId } from '../model/text.js';
import { plannedUserQuery } from '../store/planned.js';
import type { Binding } from '../policy/binding.js';
import type { GuardContext } from './context.js';
import { Cursors } from './cursor.js';

/** A user that memories are kept of. */
export interface User {
  readonly userId: string;
  /** When the first memory was kept. */
  readonly createdAt: Date;
}

/** A page of users, ordered by the bytes of their ids. */
export interface UserPage {
  readonly users: readonly User[];
  readonly cursor?: string;
}

// As long as it is kept how far a job over many users is.
const JOB_LIFETIME_MS = 30 * 86_400_000;

/** Listing users: an act of its own, on the subject User. */
export class UserLister {
  readonly #context: GuardContext;
  readonly #cursors: Cursors;
  readonly #jobCursors: Cursors;

  constructor(context: GuardContext) {
    this.#context = context;
    this.#cursors = new Cursors(context.cursorKeys, context.clock);
    this.#jobCursors = new Cursors(context.cursorKeys, context.clock, JOB_LIFETIME_MS);
  }

  /** @param job whether the cursor is one of a job, which lives longer and serves no other call */
  async users(principal: Principal, limit: number, cursor?: string, origin?: Origin, job = false): Promise<UserPage> {
    const place = [job ? 'users.job' : 'users', principalKey(principal), this.#context.tenant];
    const cursors = job ? this.#jobCursors : this.#cursors;
    const binding = this.#context.policy.bind(principal);
    const plan = binding.plan('list', 'User');
    const asker = { principal, key: principalKey(principal), userId: '' };
    this.#context.shadow?.listed(asker, binding, plan);
    if (isNone(plan)) {
      await this.#told(principal, binding, 'denied', 0, origin);
      throw new MemwardenError('forbidden');
    }
    const after = cursor === undefined ? undefined : String((await cursors.open(place, cursor))[0]);
    const rows = await this.#context.store.findUsers(
      plannedUserQuery(this.#context.tenant, plan, []),
      limit + 1,
      after,
    );
    const users = this.#permitted(rows.slice(0, limit), binding, (user, allowed) =>
      this.#context.shadow?.listedUser(asker, binding, user, allowed),
    );
    await this.#told(principal, binding, 'allowed', users.length, origin);
    const last = rows[limit - 1];
    return rows.length > limit && last ? { users, cursor: await cursors.seal(place, [last.userId]) } : { users };
  }

  /**
   * Those of some users that the list has, as the principal may see it.
   *
   * @returns undefined for who may not list users: nothing was asked, and nothing is told
   */
  async among(principal: Principal, names: readonly string[]): Promise<readonly string[] | undefined> {
    const { policy, store, tenant } = this.#context;
    const binding = policy.bind(principal);
    const plan = binding.plan('list', 'User');
    if (isNone(plan)) return undefined;
    const named: Predicate = { kind: 'compare', field: 'user_id', op: 'in', value: names };
    const rows = await store.findUsers(plannedUserQuery(tenant, plan, [named]), names.length);
    const users = this.#permitted(rows, binding);
    await this.#told(principal, binding, 'allowed', users.length);
    return users.map(({ userId }) => userId);
  }

  // S1 for users: the well-formed condition of this subject is an id that may name a user.
  #permitted(
    found: readonly User[],
    binding: Binding,
    seen?: (user: { readonly user_id: string }, allowed: boolean) => void,
  ): User[] {
    const wellFormed = compile({ kind: 'type', field: 'user_id', type: 'string', required: true });
    const users = found.filter(({ userId }) => {
      if (!isId(userId) || !wellFormed({ user_id: userId })) return false;
      const allowed = binding.decide('list', 'User', { user_id: userId });
      seen?.({ user_id: userId }, allowed);
      return allowed;
    });
    const { alarms, clock } = this.#context;
    if (users.length < found.length)
      alarms.raise('decision_disagrees', clock(), { users: found.length - users.length });
    return users;
  }

  async #told(
    principal: Principal,
    binding: Binding,
    outcome: 'allowed' | 'denied',
    count: number,
    origin?: Origin,
  ): Promise<void> {
    await this.#context.auditor.record({
      principal,
      owner: undefined,
      action: 'list',
      subject: 'User',
      phase: 'read',
      outcome,
      ids: [],
      count,
      rules: outcome === 'denied' ? binding.denials('list', 'User') : binding.speaking('list', 'User'),
      revision: binding.revision,
      ...(origin ? { origin } : {}),
    });
  }
}
