import { MemwardenError } from '../errors/memwarden-error.js';
import { newId } from '../model/id.js';
import type { FieldName, MemoryRecord } from '../model/fields.js';
import type { Memory } from '../model/memory.js';
import type { Access, Use } from './access.js';
import type { Draft } from './changes.js';
import type { GuardContext } from './context.js';
import { miss, storedId } from './miss.js';
import type { Release } from './release.js';
import { Witness } from './witness.js';
import type { Writer } from './write.js';

const FIELDS: readonly FieldName[] = ['content', 'sensitivity'];

/** What sharing asks of where the memory comes from, and of where it goes. */
export const SHARES: readonly Use[] = [{ action: 'read', fields: FIELDS }, { action: 'share' }];

/**
 * Copying a memory of a user into a shared space: the only way from the one to the other. It is decided and recorded on
 * both sides, `share` where it comes from and `create` where it goes.
 */
export class Sharer {
  readonly #context: GuardContext;
  readonly #release: Release;
  readonly #writer: Writer;
  readonly #witness: Witness;

  constructor(context: GuardContext, release: Release, writer: Writer) {
    this.#context = context;
    this.#release = release;
    this.#writer = writer;
    this.#witness = new Witness(context);
  }

  /**
   * @param to an access to the space, settled for this call
   * @returns what of the copy may be read
   * @throws MemwardenError not_found where either side has not what it takes
   */
  async share(from: Access, id: string, to: Access): Promise<Memory> {
    const binding = from.binding();
    const now = this.#context.clock();
    const query = from.query(binding, SHARES, now);
    const found = await this.#context.sealer.reading(from, async (keys) => {
      const record = await this.#context.store.findOne(query, storedId(id));
      if (!record || !(await this.#release.admits(keys, from, binding, record, now, SHARES))) {
        await miss(this.#context, keys, from, binding, 'share', id);
        throw new MemwardenError('not_found');
      }
      return { record, memory: this.#release.open(keys, from, binding, record) };
    });
    const { record, memory } = found;
    const [shared] = await this.#witness.change(
      from,
      binding,
      { action: 'share', records: [record] },
      () => this.#writer.create(to, [draftOf(record, memory)], true),
      () => ({ outcome: 'allowed' }),
    );
    if (!shared) throw new MemwardenError('internal');
    return shared;
  }
}

// What of it its sharer may read, at the level that it has and for as long as it lives.
function draftOf(record: MemoryRecord, memory: Memory): Draft {
  const { content = '', metadata, speaker, agentId, appId, sessionId, category, occurredAt } = memory;
  return {
    id: newId(),
    content,
    category: category ?? 'general',
    sensitivity: record.sensitivity,
    ...(metadata === undefined ? {} : { metadata }),
    ...(speaker === undefined ? {} : { speaker }),
    ...(agentId === undefined ? {} : { agent_id: agentId }),
    ...(appId === undefined ? {} : { app_id: appId }),
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    ...(occurredAt === undefined ? {} : { occurred_at: occurredAt }),
    ...(record.expires_at === undefined ? {} : { expires_at: record.expires_at }),
  };
}
