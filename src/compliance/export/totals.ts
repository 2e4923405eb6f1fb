import type { ExportedSpace, ExportedUser, ExportManifest } from '../../model/export.js';
import { LEVELS, type Level } from '../../model/levels.js';
import { compareText } from '../../model/text.js';

type Counts = ExportManifest['counts'];
type Levels = Partial<Record<Level, number>>;

/** A manifest names no more spaces than this one by one; the file of users has a line of each. */
const MOST_SPACES = 1_000;

/** What the lines of the file of users add up to. */
export class Totals {
  #users = 0;
  #memories = 0;
  #withheld = 0;
  readonly #levels: Levels = {};
  #spaces: Map<string, { memories: number; readonly levels: Levels }> | undefined = new Map();

  /** Adds a line. A user counts once, whatever the user wrote in spaces. */
  add({ space, count, levels, withheld }: Pick<ExportedUser, 'space' | 'count' | 'levels' | 'withheld'>): void {
    if (withheld) this.#withheld += 1;
    this.#memories += count;
    addTo(this.#levels, levels);
    if (space === undefined) {
      this.#users += 1;
      return;
    }
    if (!this.#spaces) return;
    const of = this.#spaces.get(space) ?? { memories: 0, levels: {} };
    of.memories += count;
    addTo(of.levels, levels);
    this.#spaces.set(space, of);
    if (this.#spaces.size > MOST_SPACES) this.#spaces = undefined;
  }

  get counts(): Counts {
    const of = [...(this.#spaces ?? [])].sort(([one], [other]) => compareText(one, other));
    const spaces: ExportedSpace[] = of.map(([space, sums]) => ({ space, ...sums }));
    return {
      users: this.#users,
      memories: this.#memories,
      levels: this.#levels,
      ...(spaces.length === 0 ? {} : { spaces }),
      ...(this.#withheld === 0 ? {} : { withheld: this.#withheld }),
    };
  }

  /** Whether these are the counts. */
  are(counts: Counts): boolean {
    const mine = this.counts;
    const others = counts.spaces ?? [];
    return (
      mine.users === counts.users &&
      // A manifest of before says nothing of what is withheld.
      (counts.withheld === undefined || counts.withheld === this.#withheld) &&
      isSame(mine, counts) &&
      (mine.spaces ?? []).length === others.length &&
      (mine.spaces ?? []).every((one, at) => one.space === others[at]?.space && isSame(one, others[at]))
    );
  }
}

function addTo(sum: Levels, levels: Levels): void {
  for (const level of LEVELS) {
    const more = levels[level];
    if (more !== undefined) sum[level] = (sum[level] ?? 0) + more;
  }
}

type Sums = Pick<ExportedSpace, 'memories' | 'levels'>;

function isSame(one: Sums, other: Sums): boolean {
  return (
    one.memories === other.memories && LEVELS.every((level) => (one.levels[level] ?? 0) === (other.levels[level] ?? 0))
  );
}
