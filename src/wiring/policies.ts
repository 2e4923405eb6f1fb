import type { Settings } from '../config/options.js';
import type { Alarms } from '../metrics/alarms.js';
import type { ShadowReport } from '../metrics/differences.js';
import { PolicyEngine } from '../policy/engine.js';
import { loadPolicyFolder } from '../policy/load.js';
import { watchFolder, type Watch } from '../policy/watch.js';
import { Shadow } from '../guard/shadow.js';

const BINDINGS = 10_000;

/** The policies in force, the candidate beside them where there is one, and the watch on the files of both. */
export class Policies {
  readonly engine: PolicyEngine;
  readonly shadow: Shadow | undefined;
  readonly #settings: Settings;
  readonly #whole: Policies | undefined;
  #watches: Promise<readonly Watch[]> | undefined;

  private constructor(settings: Settings, engine: PolicyEngine, shadow: Shadow | undefined, whole?: Policies) {
    this.#settings = settings;
    this.engine = engine;
    this.shadow = shadow;
    this.#whole = whole;
  }

  /** @throws MemwardenError policy_invalid where a set does not load */
  static async start(settings: Settings, alarms: Alarms): Promise<Policies> {
    const { policies, policyMaxStaleMs: maxStaleMs, clock, shadow } = settings;
    const load = () => loadPolicyFolder(policies);
    const engine = await PolicyEngine.start({ load, clock, alarms, maxStaleMs, cacheSize: BINDINGS });
    const candidate =
      shadow && (await Shadow.start(() => loadPolicyFolder(shadow.policies), clock, shadow.onDifference));
    return new Policies(settings, engine, candidate);
  }

  /** The same for one of several tenants: what a candidate would decide otherwise is counted for each alone. */
  ofTenant(): Policies {
    return new Policies(this.#settings, this.engine, this.shadow?.apart(), this.#whole ?? this);
  }

  /** @throws MemwardenError policy_invalid where the set in force does not load; it stays as it is then */
  async reload(): Promise<string> {
    // What is wrong with a candidate that decides nothing is told by its report.
    await this.shadow?.reload().catch(() => undefined);
    return this.engine.reload();
  }

  /**
   * Reloads whenever files change, until it is closed.
   *
   * @param act runs each reload, of what is in force (`policy.reload`) or of the candidate (`shadow.reload`); where it
   *   rejects, it is tried again
   */
  async watch(act: (reload: () => Promise<unknown>, name: string) => Promise<unknown>): Promise<void> {
    // There is one watch on the files; who opened it closes it.
    if (this.#whole) return this.#whole.watch(act);
    const { policies, shadow } = this.#settings;
    await (this.#watches ??= Promise.all([
      watchFolder(policies, () => act(() => this.engine.reload(), 'policy.reload')),
      ...(shadow ? [watchFolder(shadow.policies, () => act(async () => this.shadow?.reload(), 'shadow.reload'))] : []),
    ]));
  }

  report(): ShadowReport | undefined {
    return this.shadow?.report();
  }

  async close(): Promise<void> {
    for (const watch of (await this.#watches) ?? []) await watch.close();
  }
}
