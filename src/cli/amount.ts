const PLURALS: Readonly<Record<string, string>> = { memory: 'memories' };

/** How many of something, in words: `1 user`, `2 users`, `1 part of a space`. */
export function amount(count: number, one: string, many = PLURALS[one] ?? `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
