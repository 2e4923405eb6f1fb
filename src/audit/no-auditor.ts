import type { Auditor } from '../model/auditor.js';

/** Keeps nothing. Part 5 puts the audit log in its place; every release already waits for it. */
export const noAuditor: Auditor = { record: () => undefined };
