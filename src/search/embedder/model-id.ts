import { createHash } from 'node:crypto';

/**
 * The name that vectors are kept under: everything that makes two vectors incomparable is in it. Prefixes are part of
 * the text that was embedded, so they are in it too, by their hash.
 */
export function modelIdOf(parts: readonly string[], prefixes: { query?: string; passage?: string } = {}): string {
  const { query = '', passage = '' } = prefixes;
  const name = parts.map((part) => encodeURIComponent(part)).join(':');
  if (query === '' && passage === '') return name;
  const hash = createHash('sha256')
    .update(JSON.stringify([query, passage]))
    .digest('hex')
    .slice(0, 16);
  return `${name}:${hash}`;
}
