// Their audit records share durable writes; more at once would take the store from others.
const AT_ONCE = 16;

/**
 * Runs an act on each of some things, a few at once, and gives what came out in their order.
 *
 * @throws what the first act in order threw, after those at once with it have ended; the others are not begun
 */
export async function inTurns<T, R>(things: readonly T[], act: (thing: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < things.length; from += AT_ONCE) {
    const ended = await Promise.allSettled(things.slice(from, from + AT_ONCE).map(act));
    for (const one of ended) {
      if (one.status === 'rejected') throw one.reason;
      results.push(one.value);
    }
  }
  return results;
}
