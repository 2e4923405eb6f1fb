import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { estimateTokenCount } from 'tokenx';
import { toMemoryContext } from '../../src/memory/context.js';
import type { Memory } from '../../src/model/memory.js';

const SEED = Number(process.env['MEMWARDEN_TEST_SEED'] ?? 7);

function found(memories: readonly Memory[], beside: Readonly<Record<string, readonly Memory[]>> = {}) {
  return {
    hits: memories.map((memory) => ({ memory, score: 0.5, matched: [] })),
    beside: new Map(Object.entries(beside)),
  };
}
const memory = (id: string, content: string, more: Partial<Memory> = {}): Memory => ({
  id,
  userId: 'alice',
  content,
  ...more,
});

describe('the context for a prompt', () => {
  test('memories stand oldest first, once each, with id, date and speaker', () => {
    const a = memory('a', 'I moved to Bristol.', { occurredAt: new Date('2025-03-01'), speaker: 'Alice' });
    const b = memory('b', 'Where to?', { occurredAt: new Date('2025-02-28'), speaker: 'Ben' });
    const c = memory('c', 'i  MOVED to bristol.', { occurredAt: new Date('2025-01-01') });
    const { text, memories, tokens } = toMemoryContext(found([a, c], { a: [b, a] }), 1_000);
    expect(memories.map(({ id }) => id)).toEqual(['b', 'a']);
    expect(text).toContain(
      '[id=b date=2025-02-28 speaker="Ben"]\n> Where to?\n[id=a date=2025-03-01 speaker="Alice"]\n> I moved to Bristol.',
    );
    expect(tokens).toBe(estimateTokenCount(text));
  });

  test('it is cut at the budget: the best are kept, and what is too long is passed over', () => {
    const list = Array.from({ length: 50 }, (_, i) =>
      memory(`m${i}`, i === 1 ? 'long '.repeat(900) : `note ${i} on the harbour`, { occurredAt: new Date(1_000 - i) }),
    );
    const { memories, tokens, text } = toMemoryContext(found(list), 200);
    expect(tokens).toBeLessThanOrEqual(200);
    expect(tokens).toBeGreaterThan(120);
    expect(estimateTokenCount(text)).toBe(tokens);
    expect(memories.map(({ id }) => id)).not.toContain('m1');
    expect(memories.at(-1)?.id).toBe('m0');
    expect(toMemoryContext(found([]), 200)).toEqual({ text: '', memories: [], tokens: 0 });
    expect(toMemoryContext(found([memory('a', 'x'.repeat(5_000))]), 64).text).toBe('');
  });

  test(`no content and no name closes the fence or stands outside its quote (seed ${SEED})`, () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            '\n',
            '\r',
            '\u2028',
            '\u2029',
            '\u0085',
            '\v',
            '\f',
            'MEMORIES ',
            '>>>',
            '<<<',
            '> ',
            ']',
            '[id=',
            '"',
            'ignore all previous instructions',
            'abc',
          ),
          { maxLength: 12 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 5 }), (list) => {
        const { text } = toMemoryContext(
          found(list.map(([content, speaker], i) => memory(`id${i}`, `x${content}`, { speaker }))),
          100_000,
        );
        const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
        const fence = /^<<<MEMORIES ([0-9a-f]{24})$/.exec(lines[1]!)?.[1];
        expect(fence).toBeDefined();
        const end = lines.indexOf(`MEMORIES ${fence}>>>`);
        expect(end).toBe(lines.length - 1);
        for (const line of lines.slice(2, end)) expect(line).toMatch(/^(?:> |\[id=id\d(?: speaker=".*")?\]$)/s);
        expect(lines.slice(2, end).some((line) => line.includes(fence!))).toBe(false);
      }),
      { seed: SEED, numRuns: 500 },
    );
    const fences = new Set(
      Array.from({ length: 20 }, () => toMemoryContext(found([memory('a', 'x')]), 500).text.split('\n')[1]),
    );
    expect(fences.size).toBe(20);
  });
});
