import { noAuditor } from '../support/no-auditor.js';
import { clearSealer } from '../support/clear-sealer.js';
import { Guard } from '../../src/guard/guard.js';
import { DEFAULT_TENANT } from '../../src/model/tenant.js';
import { Alarms } from '../../src/metrics/alarms.js';
import { PolicyEngine } from '../../src/policy/engine.js';
import { parsePolicies, type PolicyText } from '../../src/policy/load.js';
import type { PlannedStore } from '../../src/store/planned.js';
import { NOW } from './values.js';

/** The product's guard over a store, with policies that can be exchanged. */
export interface Subject {
  readonly guard: Guard;
  /** Puts policies in force, through the loader. */
  use(texts: readonly PolicyText[]): Promise<void>;
}

const clock = () => NOW;
const NO_POLICIES: readonly PolicyText[] = [{ file: 'none.yaml', text: 'role: none\nrules: []\n' }];

/** Puts the product's parts together as the composition root does; only the clock and the source of policies differ. */
export async function makeSubject(store: PlannedStore): Promise<Subject> {
  let texts = NO_POLICIES;
  const alarms = new Alarms();
  const load = () => Promise.resolve(parsePolicies(texts));
  const policy = await PolicyEngine.start({ load, clock, alarms, maxStaleMs: 0, cacheSize: 100 });
  const noCursors = () => Promise.reject(new Error('pages are asked for by position here'));
  const cursorKeys = { current: noCursors, byId: noCursors };
  const guard = new Guard({
    tenant: DEFAULT_TENANT,
    policy,
    store,
    sealer: clearSealer,
    auditor: noAuditor,
    alarms,
    clock,
    cursorKeys,
    defaultTtlMs: {},
  });
  return {
    guard,
    async use(next) {
      texts = next;
      await policy.reload();
    },
  };
}
