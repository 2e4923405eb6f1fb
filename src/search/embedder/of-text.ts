import { isMemwardenError } from '../../errors/memwarden-error.js';

// What a server answers to a request that it understood and will not do; that of a wrong model is among them.
const OF_REQUEST = new Set([400, 413, 422]);

/**
 * Whether an embedding failed because of what was to be embedded, as far as can be told: such a failure says nothing of
 * the next text. One that the embedder had no time for is taken for the embedder's.
 */
export function isOfText(error: unknown): boolean {
  if (!isMemwardenError(error)) return false;
  const { code, detail } = error;
  if (code === 'embedder_refused') return true;
  return code === 'embedder_unavailable' && detail['reason'] === 'status' && OF_REQUEST.has(Number(detail['status']));
}
