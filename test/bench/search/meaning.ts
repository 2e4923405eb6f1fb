import { toSettings } from '../../../src/config/options.js';
import type { ScopedMemory } from '../../../src/index.js';
import type { Passages } from '../../../src/model/embedder.js';
import { accelerator, type Accelerator } from '../../../src/search/vectors/accelerator.js';
import { ViewVectors } from '../../../src/search/vectors/side.js';
import type { Semantics } from '../../../src/search/semantic.js';
import { openKeys } from '../../../src/wiring/keys.js';
import { noAuditor } from '../../support/no-auditor.js';
import { compose } from '../composition.js';
import { ADMIN } from '../data.js';
import { progress, type Figures } from '../figures.js';
import { withFolder } from '../places.js';
import { POLICIES } from '../project.js';
import { compete, microseconds, ratio, type Contender } from '../rounds.js';
import { memoryAt, queryAt } from '../search-data.js';
import type { Suite } from '../suite.js';

const DIMENSION = 384;
const MODEL = 'bench';
const BATCH = 1_000;
const COMPARED = 10_000;
const TARGETS: Readonly<Record<string, number>> = { lexical: 3, hybrid: 5 };

/**
 * The whole of a search by meaning, through store, policy, decision and encryption; planted vectors take the place of a
 * model, whose time is not in the figures. Plain loops and `usearch` take turns on the same memories.
 */
export const meaning: Suite = async (figures, { quick }) => {
  if (!accelerator()) progress('!! usearch does not load here: its figures are those of plain loops.');
  for (const size of quick ? [1_000] : [1_000, 10_000, 30_000, 100_000]) await atSize(figures, size, quick);
};

async function atSize(figures: Figures, size: number, quick: boolean): Promise<void> {
  progress(`search by meaning at ${size}`);
  await withFolder(async (path) => {
    const settings = toSettings({ store: { kind: 'embedded', path }, policies: POLICIES });
    const keys = await openKeys(settings.keys, settings);
    const parts = { sealer: keys.rings, auditor: noAuditor, passages: planted(), searchIndexBytes: 2 ** 31 };
    const place = { kind: 'embedded', path } as const;
    const plain = await compose(place, { ...parts, semantics: asked(null) });
    const fast = await compose(place, { ...parts, semantics: asked(accelerator() ?? null) });
    try {
      const memories = { plain: plain.scope(ADMIN, 'user'), usearch: fast.scope(ADMIN, 'user') };
      await fill(memories.plain, size);
      const start = performance.now();
      await memories.plain.search(queryAt(0), { mode: 'hybrid' });
      const first = performance.now() - start;
      await memories.usearch.search(queryAt(0), { mode: 'hybrid' });
      const at = `search.meaning.n${size}`;
      figures.add({
        name: `${at}.first`,
        value: first,
        unit: 'ms',
        ...(size === COMPARED ? { target: { max: 600 } } : {}),
      });
      for (const mode of ['lexical', 'semantic', 'hybrid'] as const) {
        const contenders: Contender[] = Object.entries(memories).map(([name, memory]) => ({
          name,
          run: (i) => memory.search(queryAt(i), { mode }),
        }));
        const large = size > COMPARED;
        const latencies = await compete(contenders, { rounds: quick || large ? 3 : 7, calls: large ? 25 : 50 });
        for (const name of Object.keys(memories)) {
          for (const share of [0.5, 0.99]) {
            const { value, spread } = microseconds(latencies, name, share);
            const target = TARGETS[mode];
            figures.add({
              name: `${at}.${mode}.${name}_p${share * 100}`,
              value: value / 1_000,
              spread: spread / 1_000,
              unit: 'ms',
              ...(size === COMPARED && share === 0.5 && target !== undefined ? { target: { max: target } } : {}),
            });
          }
        }
        if (mode !== 'lexical')
          figures.add({
            name: `${at}.${mode}.usearch_ratio`,
            ...ratio(latencies, 'plain', 'usearch', 0.5),
            unit: 'x',
            note: 'times as fast as plain loops, the whole search',
          });
      }
    } finally {
      await plain.close();
      await fast.close();
      await keys.close();
    }
  });
}

async function fill(memory: ScopedMemory, size: number): Promise<void> {
  for (let at = 0; at < size; at += BATCH)
    await memory.addMany(Array.from({ length: Math.min(BATCH, size - at) }, (_, i) => memoryAt(at + i)));
}

function planted(): Passages {
  const next = numbers(1);
  return {
    prepare: (passages) => ({
      recipient: undefined,
      embed: () => Promise.resolve(passages.map(() => ({ modelId: MODEL, values: vector(next) }))),
    }),
  };
}

function asked(faster: Accelerator | null): Semantics {
  const next = numbers(2);
  const embedQuery = () => Promise.resolve(vector(next));
  return {
    mayAsk: true,
    recipient: undefined,
    resting: undefined,
    makeSide: () => new ViewVectors(MODEL, faster),
    embedQuery,
    embedInTime: embedQuery,
  };
}

function vector(next: () => number): Float32Array {
  return Float32Array.from({ length: DIMENSION }, next);
}

// Seeded, and a little to one side, as vectors of real models lie.
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return () => uniform() + uniform() + 0.1;
}
