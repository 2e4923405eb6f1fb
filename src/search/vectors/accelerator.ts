import { createRequire } from 'node:module';

/**
 * Proposes the rows of a packed matrix whose inner product with a query is largest, by its own arithmetic.
 *
 * @returns places of rows and their products, `wanted` or fewer, in any order
 */
export type Accelerator = (
  rows: Float32Array,
  query: Float32Array,
  wanted: number,
) => { readonly places: ArrayLike<bigint | number>; readonly products: (i: number) => number };

interface Usearch {
  exactSearch(
    rows: Float32Array,
    queries: Float32Array,
    dimension: number,
    wanted: number,
    metric: 'ip',
    threads: number,
  ): { readonly keys: BigUint64Array; readonly distances: Float32Array };
}

let loaded: Accelerator | null | undefined;

/**
 * The exact search of `usearch` (SIMD) where that optional package is installed and runs on this machine, else
 * undefined. Its ECMAScript entry calls itself without end when it is loaded (2.25.3, `getBuildDir`); the other does
 * not. It is asked for one thread: more pay from 100,000 rows on only, and then little.
 */
export function accelerator(): Accelerator | undefined {
  loaded ??= load();
  return loaded ?? undefined;
}

function load(): Accelerator | null {
  try {
    const fromHere = createRequire(import.meta.url);
    const usearch = fromHere('usearch') as Usearch;
    const search: Accelerator = (rows, query, wanted) => {
      const { keys, distances } = usearch.exactSearch(rows, query, query.length, wanted, 'ip', 1);
      return { places: keys, products: (i) => 1 - (distances[i] as number) };
    };
    return works(search) ? search : null;
  } catch {
    return null;
  }
}

// A build for another processor, or another release, may answer what was not asked.
function works(search: Accelerator): boolean {
  const { places, products } = search(new Float32Array([0, 1, 0.6, 0.8, -1, 0]), new Float32Array([0.8, 0.6]), 2);
  return Number(places[0]) === 1 && Number(places[1]) === 0 && Math.abs(products(0) - 0.96) < 1e-6;
}
