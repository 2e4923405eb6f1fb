import { AuditMetrics } from '../../src/metrics/audit-metrics.js';
import type { AuditKeeper } from '../../src/model/audit-keeper.js';
import { noAuditor } from './no-auditor.js';

const none = () => Promise.reject(new Error('nothing is kept here'));

/** A log that keeps nothing, for tests of what has nothing to do with it. The product has none. */
export const noKeeper: AuditKeeper = {
  auditor: noAuditor,
  counters: () => new AuditMetrics().snapshot(),
  reconcile: () => Promise.resolve(0),
  verify: none,
  newest: none,
  records: () => [] as never,
  pseudonymsOf: none,
  prune: none,
  checkpoint: none,
  dump: none,
  ofTenant: () => noKeeper,
  close: () => Promise.resolve(),
};
