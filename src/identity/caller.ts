import { MemwardenError } from '../errors/memwarden-error.js';
import type { Origin } from '../model/auditor.js';
import type { Grant } from '../model/credential.js';
import { principalAt, type Principal, type Subject } from '../model/principal.js';
import { isId } from '../model/text.js';
import type { Overreach } from './refusals.js';

/** What a request says beside its credential. */
export interface Named {
  /** The user whose partition it names. */
  readonly user?: string | undefined;
  /** The user that it says it acts for, where that is said apart from the partition. */
  readonly onBehalfOf?: string | undefined;
  readonly purpose?: string | undefined;
  readonly origin: Origin;
}

/** Who holds a verified credential. */
export class Caller {
  /** The id of the credential; never a secret. */
  readonly id: string;
  readonly kind: 'key' | 'jwt';
  readonly grant: Grant;
  /** The tenant that the credential is of; undefined where it is the deployment's own. */
  readonly tenant: string | undefined;
  readonly #principalId: string;
  readonly #subject: Subject | undefined;

  constructor(kind: 'key' | 'jwt', id: string, principalId: string, grant: Grant, subject?: Subject, tenant?: string) {
    this.kind = kind;
    this.id = id;
    this.grant = grant;
    this.#principalId = principalId;
    this.#subject = subject;
    this.tenant = tenant;
    Object.freeze(this);
  }

  /** The user that it acts for whatever a request says; undefined where it may act for several, any, or nobody. */
  get onlyUser(): string | undefined {
    const { users } = this.grant;
    return users !== 'any' && users.length === 1 ? users[0] : undefined;
  }

  /** The same caller, of whom is known which tenant the credential is of. */
  of(tenant: string): Caller {
    return new Caller(this.kind, this.id, this.#principalId, this.grant, this.#subject, tenant);
  }

  /**
   * Who asks in a request. A name in the request is only ever checked against the grant, and never widens it.
   *
   * @throws MemwardenError invalid_owner, invalid_argument for malformed names; forbidden for names outside the grant,
   *   whether or not such a user exists
   */
  principal({ user, onBehalfOf, purpose, origin }: Named): Principal {
    for (const name of [user, onBehalfOf])
      if (name !== undefined && !isId(name)) throw new MemwardenError('invalid_owner');
    const userId = this.#userId(user, onBehalfOf);
    const why = this.#purpose(purpose);
    return this.#principalAt(origin, userId, why);
  }

  /** What goes on record where `principal` answers `forbidden`. */
  overreach({ user, onBehalfOf, origin }: Named): Overreach {
    const { users } = this.grant;
    const outside = [onBehalfOf, user].find((name) => name !== undefined && users !== 'any' && !users.includes(name));
    const owner = outside ?? user ?? onBehalfOf;
    return {
      principal: this.#principalAt(origin),
      act: outside === undefined ? 'purpose' : 'on_behalf_of',
      ...(owner === undefined ? {} : { owner }),
    };
  }

  #principalAt(origin: Origin, userId?: string, purpose?: string): Principal {
    const { role, attributes } = this.grant;
    return principalAt(
      {
        id: this.#principalId,
        role,
        ...(userId === undefined ? {} : { userId }),
        ...(purpose === undefined ? {} : { purpose }),
        ...(attributes === undefined ? {} : { attributes: { ...attributes } }),
      },
      origin,
      this.#subject,
    );
  }

  #userId(user: string | undefined, onBehalfOf: string | undefined): string | undefined {
    const { users } = this.grant;
    if (users === 'any') return onBehalfOf ?? user;
    if (users.length === 0) {
      if (onBehalfOf !== undefined) throw new MemwardenError('forbidden');
      return undefined;
    }
    for (const name of [user, onBehalfOf])
      if (name !== undefined && !users.includes(name)) throw new MemwardenError('forbidden');
    return onBehalfOf ?? user ?? this.onlyUser;
  }

  #purpose(purpose: string | undefined): string | undefined {
    const { purposes } = this.grant;
    if (purpose === undefined) return purposes !== 'any' && purposes.length === 1 ? purposes[0] : undefined;
    if (!isId(purpose)) throw new MemwardenError('invalid_argument', { argument: 'purpose' });
    if (purposes !== 'any' && !purposes.includes(purpose)) throw new MemwardenError('forbidden');
    return purpose;
  }
}
