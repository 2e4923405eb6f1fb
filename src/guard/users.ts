import { MemwardenError } from '../errors/memwarden-error.js';
import type { Origin } from '../model/auditor.js';
import { compile } from '../model/evaluate.js';
import { isNone } from '../model/plan.js';
import { principalKey, type Principal } from '../model/principal.js';
import { isId } from '../model/text.js';
import { plannedUserQuery } from '../store/planned.js';
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
    const told = (outcome: 'allowed' | 'denied', rules: readonly string[], count: number) =>
      this.#context.auditor.record({
        principal,
        owner: undefined,
        action: 'list',
        subject: 'User',
        phase: 'read',
        outcome,
        ids: [],
        count,
        rules,
        revision: binding.revision,
        ...(origin ? { origin } : {}),
      });
    if (isNone(plan)) {
      await told('denied', binding.denials('list', 'User'), 0);
      throw new MemwardenError('forbidden');
    }
    const after = cursor === undefined ? undefined : String((await cursors.open(place, cursor))[0]);
    // S1 for users: the well-formed condition of this subject is an id that may name a user.
    const wellFormed = compile({ kind: 'type', field: 'user_id', type: 'string', required: true });
    const rows = await this.#context.store.findUsers(
      plannedUserQuery(this.#context.tenant, plan, []),
      limit + 1,
      after,
    );
    const permitted = ({ userId }: User) => {
      if (!isId(userId) || !wellFormed({ user_id: userId })) return false;
      const allowed = binding.decide('list', 'User', { user_id: userId });
      this.#context.shadow?.listedUser(asker, binding, { user_id: userId }, allowed);
      return allowed;
    };
    const found = rows.slice(0, limit);
    const users = found.filter(permitted);
    if (users.length < found.length) {
      this.#context.alarms.raise('decision_disagrees', this.#context.clock(), { users: found.length - users.length });
    }
    await told('allowed', binding.speaking('list', 'User'), users.length);
    const last = rows[limit - 1];
    return rows.length > limit && last ? { users, cursor: await cursors.seal(place, [last.userId]) } : { users };
  }
}
