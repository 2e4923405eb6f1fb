import { MemwardenError } from '../errors/memwarden-error.js';
import { compile } from '../model/evaluate.js';
import { isNone } from '../model/plan.js';
import { principalKey, type Principal } from '../model/principal.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
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

/** Listing users: an act of its own, on the subject User. */
export class UserLister {
  readonly #context: GuardContext;
  readonly #cursors: Cursors;

  constructor(context: GuardContext) {
    this.#context = context;
    this.#cursors = new Cursors(context.cursorKeys, context.clock);
  }

  async users(principal: Principal, limit: number, cursor?: string): Promise<UserPage> {
    const place = ['users', principalKey(principal), DEFAULT_TENANT];
    const after = cursor === undefined ? undefined : String((await this.#cursors.open(place, cursor))[0]);
    const binding = this.#context.policy.bind(principal);
    const plan = binding.plan('list', 'User');
    if (isNone(plan)) throw new MemwardenError('forbidden');
    // S1 for users: the well-formed condition of this subject is an id that may name a user.
    const wellFormed = compile({ kind: 'type', field: 'user_id', type: 'string', required: true });
    const rows = await this.#context.store.findUsers(plannedUserQuery(DEFAULT_TENANT, plan, []), limit + 1, after);
    const users = rows
      .slice(0, limit)
      .filter((row) => isId(row.userId) && wellFormed({ user_id: row.userId }) && binding.decide('list', 'User', { user_id: row.userId }));
    await this.#context.auditor.record({
      principal,
      owner: undefined,
      action: 'list',
      subject: 'User',
      phase: 'read',
      outcome: 'allowed',
      ids: [],
      revision: binding.revision,
    });
    const last = rows[limit - 1];
    return rows.length > limit && last ? { users, cursor: await this.#cursors.seal(place, [last.userId]) } : { users };
  }
}
