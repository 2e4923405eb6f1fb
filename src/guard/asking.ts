import { isMemwardenError, MemwardenError } from '../errors/memwarden-error.js';
import type { ErrorCode } from '../errors/table.js';
import type { Binding } from '../policy/binding.js';
import type { Mode } from '../search/proposals.js';
import type { Semantics } from '../search/semantic.js';
import type { Access } from './access.js';
import type { GuardContext } from './context.js';
import { Witness } from './witness.js';

/** How a query is ranked. */
export interface Asked {
  readonly mode: Mode;
  /** The vector of the query, where the mode uses one. */
  readonly vector?: Float32Array;
  /** Why the words alone rank where both ranks were asked for. */
  readonly withoutMeaning?: ErrorCode;
}

/**
 * Decides by what a query is ranked, and has it embedded where that takes it. Where the embedder is somebody else, the
 * words of the query leave: that is recorded first (S27, S24). A search by both ranks goes on by words where there is no
 * vector in time.
 *
 * @param wanted undefined takes both ranks where there is an embedder that may be asked, else words alone
 * @throws MemwardenError embedder_missing, and in mode `semantic` those of the embedder
 */
export async function asking(
  context: GuardContext,
  access: Access,
  binding: Binding,
  text: string,
  wanted: Mode | undefined,
): Promise<Asked> {
  const { semantics } = context;
  if (wanted === 'lexical' || (wanted === undefined && !semantics?.mayAsk)) return { mode: 'lexical' };
  if (!semantics) throw new MemwardenError('embedder_missing');
  if (wanted === 'semantic') {
    await disclose(context, access, binding, semantics);
    return { mode: 'semantic', vector: await semantics.embedQuery(text) };
  }
  if (semantics.resting !== undefined) return { mode: 'lexical', withoutMeaning: semantics.resting };
  await disclose(context, access, binding, semantics);
  try {
    return { mode: 'hybrid', vector: await semantics.embedInTime(text) };
  } catch (error) {
    if (!isMemwardenError(error) || error.code === 'closed') throw error;
    context.alarms.raise('search_without_meaning', context.clock(), { code: error.code });
    return { mode: 'lexical', withoutMeaning: error.code };
  }
}

// Nothing leaves before its record is durable; where it cannot be written the search fails.
async function disclose(
  context: GuardContext,
  access: Access,
  binding: Binding,
  { recipient }: Semantics,
): Promise<void> {
  if (recipient === undefined) return;
  await new Witness(context).read(access, binding, { action: 'read', act: 'embed.query', recipient });
}
