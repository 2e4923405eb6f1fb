import { MemwardenError } from '../errors/memwarden-error.js';
import { isNone } from '../model/plan.js';
import { accessOf, type SpaceAccess } from '../model/space-list.js';
import type { SpaceLists } from '../model/space-lists.js';
import { spaceIdOf, spaceOwner } from '../model/space.js';
import type { Binding } from '../policy/binding.js';
import { Access } from './access.js';
import type { GuardContext } from './context.js';
import { Cursors } from './cursor.js';
import type { SpaceRegister } from './space-register.js';
import { planOfUse, type Use } from './use.js';

/** A space that a principal has a part in. */
export interface SpaceEntryOfPrincipal {
  readonly id: string;
  /** What its list lets the principal do; absent for who may change the list and stands on it nowhere. */
  readonly access?: SpaceAccess;
}

/** A page of spaces, ordered by the bytes of their ids. */
export interface SpacePage {
  readonly spaces: readonly SpaceEntryOfPrincipal[];
  readonly cursor?: string;
}

const READ: Use = { action: 'read' };

/**
 * Listing spaces: those whose list has the principal and whose memories the policies let it read, and all of them for who
 * may change lists. Each list is opened for it, so that the time that it takes tells how many spaces there are.
 */
export class SpaceLister {
  readonly #context: GuardContext;
  readonly #cursors: Cursors;

  constructor(context: GuardContext) {
    this.#context = context;
    this.#cursors = new Cursors(context.cursorKeys, context.clock);
  }

  /** @param asker an access of the principal to any space */
  async page(
    asker: Access,
    parts: { readonly lists: SpaceLists; readonly register: SpaceRegister },
    limit: number,
    cursor?: string,
  ): Promise<SpacePage> {
    const { principal, origin } = asker;
    const place = ['spaces', asker.key, this.#context.tenant];
    const binding = asker.binding();
    const told = (outcome: 'allowed' | 'denied', count: number) =>
      this.#context.auditor.record({
        principal,
        owner: undefined,
        action: 'read',
        subject: 'SharedMemory',
        act: 'spaces',
        phase: 'read',
        outcome,
        ids: [],
        count,
        rules:
          outcome === 'denied'
            ? binding.denials('read', 'SharedMemory')
            : binding.speaking('read', 'SharedMemory').slice(0, MOST_RULES),
        revision: binding.revision,
        ...(origin ? { origin } : {}),
      });
    // By policy and request alone, whatever spaces there are (S9).
    if (isNone(asker.planOrNone(binding, READ)) && !mayGrant(binding, asker.userId)) {
      await told('denied', 0);
      throw new MemwardenError('forbidden');
    }
    const after = cursor === undefined ? undefined : String((await this.#cursors.open(place, cursor))[0]);
    const spaces: SpaceEntryOfPrincipal[] = [];
    let more = false;
    const last = after === undefined ? undefined : { tenant: this.#context.tenant, userId: spaceOwner(after) };
    for await (const partition of parts.lists.spaces(last)) {
      const entry = await this.#entryOf(asker, binding, parts.register, partition.userId);
      if (!entry) continue;
      more = spaces.length === limit;
      if (more) break;
      spaces.push(entry);
    }
    await told('allowed', spaces.length);
    const shown = spaces.at(-1);
    return more && shown ? { spaces, cursor: await this.#cursors.seal(place, [shown.id]) } : { spaces };
  }

  async #entryOf(
    { principal, key }: Access,
    binding: Binding,
    register: SpaceRegister,
    owner: string,
  ): Promise<SpaceEntryOfPrincipal | undefined> {
    const there = new Access(this.#context, principal, owner, key);
    const list = await register.read(there);
    const id = spaceIdOf(owner);
    if (!list || id === undefined) return undefined;
    const access = accessOf(list, principal);
    if (access !== undefined && !isNone(there.planOrNone(binding, READ))) return { id, access };
    return mayGrant(binding, owner) ? { id } : undefined;
  }
}

const MOST_RULES = 32;

/** Whether the policies let the list of a space be changed: as a whole, so that a condition on records allows it of none. */
export function mayGrant(binding: Binding, owner: string): boolean {
  const whole = planOfUse(binding, { action: 'grant' }, owner, 'SharedMemory').kind === 'all';
  return whole && binding.decide('grant', 'SharedMemory', { user_id: owner });
}
