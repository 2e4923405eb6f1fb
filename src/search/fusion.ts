/** A memory as one rank has it: its absolute score there, in [0, 1]. */
export interface Scored {
  readonly id: string;
  readonly score: number;
}

/** A memory as both ranks have it together. */
export interface Fused {
  readonly id: string;
  /** The larger of the two absolute scores; what is shown and what `minScore` tests. */
  readonly score: number;
  /** Its score in the rank by words, where it stands in it. */
  readonly lexical?: number;
  /** Its score in the rank by meaning, where it stands in it. */
  readonly semantic?: number;
  /** What orders: the sum of 1 / (60 + place) over the ranks in which it stands. */
  readonly fusion: number;
}

/** As in the paper: so large that the first place of one rank does not outweigh a good place in both. */
const K = 60;

/**
 * Joins two ranks by reciprocal rank fusion (Cormack, Clarke, Buettcher, SIGIR 2009), which needs no common scale. It
 * orders only: the score that is shown is absolute, and so depends on nothing else that was found.
 *
 * @param lexical the rank by words, best first
 * @param semantic the rank by meaning, best first
 * @param compare which of two memories comes first where they are equal: the newer, then by id
 */
export function fuse(
  lexical: readonly Scored[],
  semantic: readonly Scored[],
  compare: (a: string, b: string) => number,
): Fused[] {
  const places = new Map<string, { lexical?: number; semantic?: number; fusion: number }>();
  for (const [kind, rank] of [['lexical', lexical] as const, ['semantic', semantic] as const]) {
    rank.forEach(({ id, score }, i) => {
      const entry = places.get(id) ?? { fusion: 0 };
      places.set(id, { ...entry, [kind]: score, fusion: entry.fusion + 1 / (K + i + 1) });
    });
  }
  const fused = [...places].map(([id, entry]) => ({
    id,
    ...entry,
    score: Math.max(entry.lexical ?? 0, entry.semantic ?? 0),
  }));
  return fused.sort((a, b) => b.fusion - a.fusion || compare(a.id, b.id));
}

/**
 * The absolute score of a cosine, in [0, 1]: the cosine itself, and 0 where it is negative. It is a function of the two
 * texts and the model alone. Models use different parts of the range (many put unrelated texts at 0.1, some at 0.7), so
 * that a `minScore` is chosen for a model.
 */
export function semanticScore(cosine: number): number {
  return Math.min(1, Math.max(0, cosine));
}
