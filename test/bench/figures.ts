/** One measured figure. */
export interface Figure {
  /** Its name in docs/benchmarks.md. */
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
  /** The interquartile range over the rounds. */
  readonly spread?: number;
  readonly target?: { readonly max: number } | { readonly min: number };
  readonly note?: string;
}

/** The figures of a run, printed as a table for people or as one flat JSON object for machines. */
export class Figures {
  readonly #figures: Figure[] = [];

  add(figure: Figure): void {
    this.#figures.push(figure);
  }

  /** Names to numbers, the spread under `name.spread`. */
  toFlat(): Record<string, number> {
    const flat: Record<string, number> = {};
    for (const { name, value, spread } of this.#figures) {
      flat[name] = rounded(value);
      if (spread !== undefined) flat[`${name}.spread`] = rounded(spread);
    }
    return flat;
  }

  toTable(): string {
    const rows = this.#figures.map((figure) => [
      figure.name,
      shown(figure.value),
      figure.unit ?? '',
      figure.spread === undefined ? '' : `± ${shown(figure.spread)}`,
      verdict(figure),
      figure.note ?? '',
    ]);
    const head = ['figure', 'value', 'unit', 'spread', 'target', ''];
    const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
    const line = (row: readonly string[]) =>
      row
        .map((cell, i) => (i === 1 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd();
    return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
  }
}

function verdict({ value, target }: Figure): string {
  if (!target) return '';
  const [bound, met] =
    'max' in target ? [`<= ${target.max}`, value <= target.max] : [`>= ${target.min}`, value >= target.min];
  return `${bound} ${met ? 'met' : 'MISSED'}`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 0 : 3);
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** Says what is going on, where the figures do not go. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
