import { MemwardenError } from '../errors/memwarden-error.js';
import type { ActionOf } from '../model/actions.js';
import type { Candidate } from '../model/evaluate.js';
import type { ConsideredRule, Explanation } from '../model/explanation.js';
import type { FieldName, MemoryRecord } from '../model/fields.js';
import { DEFAULT_TENANT } from '../model/tenant.js';
import { isWellFormed } from '../model/well-formed.js';
import type { Binding } from '../policy/binding.js';
import { consider, isShown } from '../policy/considered.js';
import type { Access, Use } from './access.js';
import type { GuardContext } from './context.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';
import { Witness } from './witness.js';

export type { ConsideredRule, Explanation };

const USES: readonly Use[] = [{ action: 'read' }, { action: 'explain' }];

/** Explaining: a memory that the caller may read, or a record that it hands in. */
export class Explainer {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release) {
    this.#context = context;
    this.#release = release;
    this.#witness = new Witness(context);
  }

  /** @throws MemwardenError not_found for every id that the caller may not read or explain; forbidden */
  async explainStored(access: Access, id: string, action: ActionOf<'Memory'>): Promise<Explanation> {
    const binding = access.binding();
    const now = this.#context.clock();
    const query = access.query(binding, USES, now);
    const record = await this.#context.sealer.reading(access, async (keys) => {
      const found = await this.#context.store.findOne(query, storedId(id));
      if (found && (await this.#release.admits(keys, access, binding, found, now, USES))) return found;
      await miss(this.#context, keys, access, binding, 'explain', id);
      throw new MemwardenError('not_found');
    });
    return this.#explained(access, binding, record, action, now, access.permittedFields(binding, record), [record]);
  }

  /** @throws MemwardenError forbidden where the principal may explain nothing here */
  async explainRecord(access: Access, record: Candidate, action: ActionOf<'Memory'>): Promise<Explanation> {
    const binding = access.binding();
    access.plan(binding, { action: 'explain' });
    return this.#explained(
      access,
      binding,
      ownOf(access, record) as unknown as MemoryRecord,
      action,
      this.#context.clock(),
      () => true,
      [],
    );
  }

  async #explained(
    access: Access,
    binding: Binding,
    record: MemoryRecord,
    action: ActionOf<'Memory'>,
    now: Date,
    shown: (field: FieldName) => boolean,
    stored: readonly MemoryRecord[],
  ): Promise<Explanation> {
    const candidate = record as unknown as Candidate;
    const refusedBy = refusal(access, record, action, now);
    const found = refusedBy ? undefined : binding.decidingRule(action, access.subject, candidate);
    const hidden = binding.rules.find((bound) => bound.rule === found && !isShown(bound, shown));
    const deciding = hidden ? undefined : found;
    await this.#witness.read(access, binding, { action: 'explain', act: action, records: stored });
    return {
      allowed: refusedBy === undefined && access.permits(binding, record, now, [{ action }]),
      action,
      ...(deciding ? { rule: { id: deciding.id, reason: deciding.reason } } : {}),
      ...(refusedBy ? { refusedBy } : {}),
      considered: binding.rules.map((bound) => consider(bound, action, access.subject, candidate, deciding?.id, shown)),
      policyRevision: binding.revision,
    };
  }
}

// Whoever hands a record in knows no tenant: `default` is that of the partition.
function ownOf({ partition }: Access, record: Candidate): Candidate {
  if (partition.tenant === DEFAULT_TENANT || record['tenant'] !== DEFAULT_TENANT) return record;
  return { ...record, tenant: partition.tenant };
}

function refusal(
  access: Access,
  record: MemoryRecord,
  action: ActionOf<'Memory'>,
  now: Date,
): Explanation['refusedBy'] {
  if (!access.stands(action)) return 'access_list';
  if (record.user_id !== access.partition.userId) return 'partition';
  if (!isWellFormed(record as unknown as Candidate)) return 'well_formed';
  if (access.isReadable(record, now)) return undefined;
  return record.tenant === access.partition.tenant ? 'expired' : 'partition';
}
