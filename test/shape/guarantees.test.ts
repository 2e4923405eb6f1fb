import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs', 'guarantees.md'), 'utf8');

test('docs/guarantees.md says what every row means that a test is named by', () => {
  const rows = [...PAGE.matchAll(/^\| ([GS]\d+) +\| .+ \|$/gm)].map(([, name = '']) => name);
  expect(rows).toEqual([...numbered('G', 31), ...numbered('S', 27)]);
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const named = files.flatMap((file) => namesIn(readFileSync(join(ROOT, 'test', file), 'utf8')));
  expect(named.length).toBeGreaterThan(200);
  expect(named.filter((name) => !rows.includes(name))).toEqual([]);
});

function numbered(letter: string, last: number): string[] {
  return Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);
}

// What a name begins with: `S7: ...`, `S7, S11: ...`.
function namesIn(text: string): string[] {
  return [...text.matchAll(/['"`]((?:[GS]\d+(?:, | and )?)+): /g)].flatMap(([, names = '']) => names.split(/, | and /));
}
