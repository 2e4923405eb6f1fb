import type { AuditEntry, Auditor } from '../model/auditor.js';
import type { Disclosing } from '../model/disclosure.js';
import { levelsOf } from '../model/fields.js';
import type { Principal } from '../model/principal.js';
import { subjectOf } from '../model/space.js';

/** Who does what no principal asks for: whoever runs the process. */
export const OPERATOR: Principal = Object.freeze({ id: 'operator', role: 'operator' });

/** Runs an operator's act: its intent is durable before it begins, its result when it has ended (S24). */
export type Operated = <T>(
  act: Pick<AuditEntry, 'action' | 'subject' | 'act'>,
  run: () => Promise<T>,
  countOf?: (value: T) => number,
) => Promise<T>;

/** What runs operators' acts. */
export function operatedBy(auditor: Auditor, revisionOf: () => string): Operated {
  return async (act, run, countOf = () => 0) => {
    const entry = { ...act, principal: OPERATOR, owner: undefined, ids: [], revision: revisionOf() } as const;
    const intent = await auditor.record({ ...entry, phase: 'intent', outcome: 'allowed' });
    const result = { ...entry, phase: 'result', ...(intent ? { intent: intent.event } : {}) } as const;
    let value;
    try {
      value = await run();
    } catch (error) {
      await Promise.resolve(auditor.record({ ...result, outcome: 'failed' })).catch(() => undefined);
      throw error;
    }
    await auditor.record({ ...result, revision: revisionOf(), outcome: 'allowed', count: countOf(value) });
    return value;
  };
}

/** What tells of text that operators' acts send outside: `embed` asks it before each batch. */
export function disclosedBy(auditor: Auditor, revisionOf: () => string): Disclosing {
  return async ({ owner, recipient, act, records }) => {
    await auditor.record({
      principal: OPERATOR,
      owner,
      action: 'read',
      subject: subjectOf(owner),
      act,
      phase: 'read',
      outcome: 'allowed',
      ids: records.map(({ id }) => id),
      levels: levelsOf(records),
      recipient,
      revision: revisionOf(),
    });
  };
}
