import type { Clock } from '../model/clock.js';
import {
  eventParts,
  eventRows,
  FEEDBACK_ROWS,
  feedbackKey,
  ISSUER_ROWS,
  jwtId,
  PROJECT_ROWS,
  projectParts,
  webhookRows,
  type Holder,
} from '../model/credential-rows.js';
import type { Grant } from '../model/credential.js';
import type { KeyValueStore } from '../model/key-value.js';
import { namespaced } from '../model/namespace.js';
import type { NameOf } from '../model/name-of.js';
import type { UserTraces } from '../model/user-traces.js';

/** What is kept for credentials stands on. */
export interface CredentialTracesOptions {
  readonly values: KeyValueStore;
  readonly clock: Clock;
  readonly nameOf: NameOf;
}

const PAGE = 200;

/**
 * What doors keep for a credential beside it: settings, webhooks, feedback, events. It goes with the credential, for nobody
 * else comes to it, and it may say whatever its holder wrote.
 */
export class CredentialTraces implements UserTraces {
  readonly #options: CredentialTracesOptions;

  constructor(options: CredentialTracesOptions) {
    this.#options = options;
  }

  /** Takes away what tokens of a user as their subject left; those of other credentials go with these. */
  async forget(userId: string): Promise<void> {
    const { values, clock } = this.#options;
    for await (const { key } of namespaced<true>(values, ISSUER_ROWS, clock).all())
      await this.drop({ kind: 'jwt', id: jwtId(key, userId) }, [userId]);
  }

  /**
   * Takes away everything that is kept for a credential; can be done again.
   *
   * @param users whose events; those of a credential for any user are told by `dropEvents` alone, or expire in a day
   */
  async drop(holder: Holder, users: Grant['users']): Promise<void> {
    const { values, nameOf } = this.#options;
    const project = await nameOf(...projectParts(holder));
    await values.remove(PROJECT_ROWS, project);
    await this.#clear(webhookRows(project));
    const end = feedbackKey('', project);
    await this.#clear(FEEDBACK_ROWS, (key) => key.endsWith(end));
    if (users !== 'any') for (const user of users) await this.dropEvents(holder, user);
  }

  /** Takes away the events of a credential for one user. */
  async dropEvents(holder: Holder, userId: string): Promise<void> {
    await this.#clear(eventRows(await this.#options.nameOf(...eventParts(holder, userId))));
  }

  // Also what has expired: it is in the store still.
  async #clear(namespace: string, isGone: (key: string) => boolean = () => true): Promise<void> {
    const { values } = this.#options;
    let after: string | undefined;
    for (;;) {
      const page = await values.list(namespace, PAGE, after);
      for (const { key } of page) if (isGone(key)) await values.remove(namespace, key);
      after = page.at(-1)?.key;
      if (page.length < PAGE || after === undefined) return;
    }
  }
}
