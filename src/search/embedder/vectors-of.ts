import { MemwardenError } from '../../errors/memwarden-error.js';
import { toUnit } from '../../model/embedding.js';

/**
 * Checks what an embedder answered and brings it to unit length.
 *
 * @param dimension the one that is expected; that of the first vector where none is
 * @throws MemwardenError embedder_refused
 */
export function vectorsOf(
  answered: readonly ArrayLike<number>[],
  count: number,
  dimension: number | undefined,
): Float32Array[] {
  if (answered.length !== count) throw refused('count');
  const expected = dimension ?? answered[0]?.length;
  return answered.map((values) => {
    if (values.length !== expected) throw refused('dimension');
    const unit = toUnit(values);
    if (!unit) throw refused('numbers');
    return unit;
  });
}

/** The error of an answer that is no embedding. */
export function refused(reason: 'count' | 'dimension' | 'numbers' | 'order' | 'form'): MemwardenError {
  return new MemwardenError('embedder_refused', { reason });
}
