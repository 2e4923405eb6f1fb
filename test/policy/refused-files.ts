import { readFileSync } from 'node:fs';

/** A policy text that the loader must refuse, and all that it must say of it. */
export interface RefusedFile {
  readonly name: string;
  readonly text: string;
  readonly issues: readonly { readonly code: string; readonly line: number; readonly column: number }[];
  readonly says: readonly string[];
}

/** The name under which the files are loaded. */
export const REFUSED = 'files/refused.txt';

/** A rule that is sound; more lines of it may follow. */
export const RULE = [
  'role: reader',
  'rules:',
  '  - id: the-rule',
  '    action: read',
  '    subject: Memory',
  '    reason: r',
];
const MARK = /⟦(\w+)⟧/;

/** Reads the table of refused files; its own head says how it is written. */
export function refusedFiles(): RefusedFile[] {
  const table = readFileSync(new URL(REFUSED, import.meta.url), 'utf8');
  return table
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...lines] = part.replace(/\n$/, '').split('\n');
      const says = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
      const written = lines.filter((line) => !line.startsWith('> '));
      const all = name.startsWith('rule: ') ? [...RULE, ...written.map((line) => `    ${line}`)] : written;
      return { name, says, ...unmarked(all) };
    });
}

/** Takes the marks out of lines, and says where they stood. */
export function unmarked(lines: readonly string[]): Pick<RefusedFile, 'text' | 'issues'> {
  const issues: { code: string; line: number; column: number }[] = [];
  const plain = lines.map((marked, i) => {
    let line = marked;
    for (let found = MARK.exec(line); found; found = MARK.exec(line)) {
      issues.push({ code: found[1] as string, line: i + 1, column: found.index + 1 });
      line = line.replace(MARK, '');
    }
    return line;
  });
  return { text: plain.join('\n'), issues };
}
