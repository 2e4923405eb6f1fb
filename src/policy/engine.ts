import { LRUCache } from 'lru-cache';
import { atMost } from '../model/at-most.js';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Alarms } from '../metrics/alarms.js';
import type { Clock } from '../model/clock.js';
import { DEFAULT_LEVEL } from '../model/levels.js';
import { principalKey, type Principal } from '../model/principal.js';
import { bindRule, standing } from './bind.js';
import { Binding } from './binding.js';
import type { PolicySet, RolePolicy } from './policy-set.js';

/** What the policy engine needs. */
export interface PolicyEngineOptions {
  /** Reads the whole set anew. */
  readonly load: () => Promise<PolicySet>;
  readonly clock: Clock;
  readonly alarms: Alarms;
  /** How long the last good set serves after a reload failed, in milliseconds (S5). */
  readonly maxStaleMs: number;
  /** How many bindings are kept. */
  readonly cacheSize: number;
}

// A folder of policies is read in milliseconds.
const SLOW_MS = 5_000;

/** The policies in force, and their bindings to principals. */
export class PolicyEngine {
  readonly #options: PolicyEngineOptions;
  readonly #bindings: LRUCache<string, Binding>;
  #set: PolicySet;
  #failedAt: number | undefined;
  #readingSince: number | undefined;
  #reloading: Promise<unknown> = Promise.resolve();

  private constructor(options: PolicyEngineOptions, set: PolicySet) {
    this.#options = options;
    this.#set = set;
    this.#bindings = new LRUCache(atMost(options.cacheSize));
  }

  /** @throws MemwardenError policy_invalid where the first set does not load */
  static async start(options: PolicyEngineOptions): Promise<PolicyEngine> {
    return new PolicyEngine(options, await options.load());
  }

  /** The set in force. */
  get set(): PolicySet {
    return this.#set;
  }

  /** SHA-256 of the set in force. */
  get revision(): string {
    return this.#set.revision;
  }

  /** Whether the last reload failed, or one has been reading for a while; the last good set serves until it is too old. */
  get stale(): boolean {
    const reading = this.#readingSince === undefined ? 0 : this.#options.clock().getTime() - this.#readingSince;
    return this.#failedAt !== undefined || reading > SLOW_MS;
  }

  /**
   * Reads the policies again and puts them in force at once, or leaves what is in force as it is.
   *
   * @throws MemwardenError policy_invalid where the new set does not load
   */
  reload(): Promise<string> {
    // One after the other: a reading that began earlier never replaces one that began later.
    const reloaded = this.#reloading.then(() => this.#reload());
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
  }

  async #reload(): Promise<string> {
    let set: PolicySet;
    this.#readingSince = this.#options.clock().getTime();
    try {
      set = await this.#options.load();
    } catch (error) {
      const now = this.#options.clock();
      this.#failedAt ??= now.getTime();
      this.#options.alarms.raise('policy_reload_failed', now, { revision: this.#set.revision });
      throw error;
    } finally {
      this.#readingSince = undefined;
    }
    this.#set = set;
    this.#failedAt = undefined;
    this.#bindings.clear();
    return set.revision;
  }

  /**
   * The policies in force for a principal. A role without a policy may nothing.
   *
   * @param key `principalKey(principal)`, where the caller has it
   * @throws MemwardenError policy_unavailable where the last good set is too old; invalid_principal where a fact does
   *   not fit the field that a rule compares it with
   */
  bind(principal: Principal, key = principalKey(principal)): Binding {
    const now = this.#options.clock();
    if (this.#isTooOld(now.getTime())) throw new MemwardenError('policy_unavailable');
    const cached = this.#bindings.get(key);
    if (cached?.standsAt(now)) return cached;
    const policy = this.#set.roles.get(principal.role) ?? unknownRole(principal.role);
    const rules = policy.rules.map((rule) => bindRule(rule, principal, now));
    const binding = new Binding(this.#set.revision, policy, rules, standing(policy.rules, now));
    this.#bindings.set(key, binding);
    return binding;
  }

  // A reading that does not end is a reload that failed; a clock that was set back tells no age.
  #isTooOld(now: number): boolean {
    const { maxStaleMs } = this.#options;
    if (this.#failedAt !== undefined && (now - this.#failedAt > maxStaleMs || now < this.#failedAt)) return true;
    return this.#readingSince !== undefined && now - this.#readingSince > maxStaleMs;
  }
}

function unknownRole(role: string): RolePolicy {
  return { role, defaultLevel: DEFAULT_LEVEL, maximumLevel: 'public', rules: [] };
}
