import type { Auditor } from '../../src/model/auditor.js';

/** Keeps nothing: what the figures of the bare guard are defined on. The product has no such auditor. */
export const noAuditor: Auditor = { record: () => undefined };
