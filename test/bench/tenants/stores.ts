import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Isolation } from '../../../src/tenants/isolation.js';
import { progress, type Figure, type Figures } from '../figures.js';
import { openServer, withFolder } from '../places.js';
import type { Suite, SuiteOptions } from '../suite.js';
import { Apart } from './apart.js';
import { middle, type Place } from './kept.js';

/** How many tenants are open; where a store has more of them, how many are closed besides. */
interface Size {
  readonly open: number;
  readonly closed?: number;
}

/** What a `get` took in one slice, in milliseconds: as its caller sees it, and of the processor. */
interface Slice {
  readonly p50: number;
  readonly processor: number;
}

type Sizes = Readonly<Record<'embedded' | 'mongodb', readonly Size[]>>;

const SHARED: Sizes = {
  embedded: [{ open: 1 }, { open: 100 }, { open: 5_000 }],
  mongodb: [{ open: 1 }, { open: 100 }, { open: 5_000 }],
};
// What a machine of 24 GiB and 20,000 descriptors holds; of 5,000 tenants the others are opened when they are used.
const APART: Sizes = {
  embedded: [{ open: 1 }, { open: 100 }, { open: 1_000, closed: 4_000 }],
  mongodb: [{ open: 1 }, { open: 100, closed: 100 }],
};
const QUICK: Sizes = {
  embedded: [{ open: 1 }, { open: 20 }, { open: 100, closed: 40 }],
  mongodb: [{ open: 1 }, { open: 20, closed: 40 }],
};
// A slice warms some tenants and measures them at once, so that what the machine does beside weighs on all sizes alike.
const WINDOW = 25;
const SLICES = 40;
const COLD = 500;
const WARM = 500;
const FEW = { slices: 5, window: 20 };

/**
 * A guarded `get` with one tenant and with many that are open, each number in a process and a store of its own; what an
 * open tenant takes; how long opening one takes that was closed, also where another is closed for it; and making one.
 */
export const tenantStores: Suite = async (figures, options) => {
  await sharedTenants(figures, options);
  await databaseTenants(figures, options);
};

export const sharedTenants: Suite = (figures, options) => onBoth(figures, options, 'shared', SHARED);
export const databaseTenants: Suite = (figures, options) => onBoth(figures, options, 'database', APART);

async function onBoth(figures: Figures, { quick }: SuiteOptions, isolation: Isolation, sizes: Sizes): Promise<void> {
  const { embedded, mongodb } = quick ? QUICK : sizes;
  // Each store alone, where a whole run is too long.
  const only = process.env['MEMWARDEN_TEST_ONLY'];
  if (only !== 'mongodb')
    await withFolder((folder) =>
      measure(figures, quick, `${isolation}.embedded`, embedded, (name, size) => placeOf(folder, name, size)),
    );
  const server = await openServer(2);
  if (!server) return;
  try {
    await withFolder((folder) =>
      measure(figures, quick, `${isolation}.mongodb`, mongodb, (name, size) => ({
        ...placeOf(folder, name, size),
        uri: server.database(),
      })),
    );
  } finally {
    await server.stop();
  }

  function placeOf(folder: string, name: string, { open, closed = 0 }: Size): Place {
    const own = join(folder, name);
    mkdirSync(own);
    return { isolation, folder: own, tenants: open + closed, maxOpen: open };
  }
}

async function measure(
  figures: Figures,
  quick: boolean,
  store: string,
  sizes: readonly Size[],
  placeOf: (name: string, size: Size) => Place,
): Promise<void> {
  const at = `tenants.${store}`;
  const most = quick ? FEW.window : WINDOW;
  const count = quick ? FEW.slices : SLICES;
  const started: { readonly size: Size; readonly apart: Apart; readonly slices: Slice[] }[] = [];
  // Said at once, too: a whole run is long.
  const add = (figure: Figure) => {
    progress(`${figure.name} ${figure.value} ${figure.note ?? ''}`);
    figures.add(figure);
  };
  try {
    for (const [i, size] of sizes.entries()) {
      const isLast = i === sizes.length - 1;
      const place = placeOf(String(size.open), size);
      progress(`${store}: making ${place.tenants} tenants`);
      const maker = await Apart.start({ ...place, maxOpen: 1 });
      const made = await maker.make();
      await maker.close();
      const apart = await Apart.start(place);
      progress(`${store}: opening ${size.open}`);
      started.push({ size, apart, slices: [] });
      const opened = await apart.open();
      if (!isLast) continue;
      const note = `and its first memory; of ${place.tenants}`;
      add({ name: `${at}.create_ms`, value: made.each, unit: 'ms', note: `p50, one at a time, ${note}` });
      add({
        name: `${at}.create_at_once_ms`,
        value: made.atOnce,
        unit: 'ms',
        note: `a tenant, 16 at once, ${note}`,
      });
      const cold = {
        value: middle(opened.times),
        unit: 'ms',
        note: `with its first get, one at a time; p50 of ${opened.times.length}`,
      };
      add({ name: `${at}.cold_open_ms`, ...cold });
      add({
        name: `${at}.open_kib`,
        value: opened.kib,
        unit: 'KiB',
        note: `resident a tenant, ${size.open} open`,
      });
      add({ name: `${at}.open_files`, value: opened.files, unit: '', note: 'descriptors a tenant' });
    }
    progress(`${store}: reading`);
    // Each process has compiled as much as the others.
    for (const { size, apart } of started) await apart.gets(0, Math.min(most, size.open), WARM);
    for (let slice = 0; slice < count; slice += 1)
      for (const { size, apart, slices } of started) {
        const window = Math.min(most, size.open);
        const first = Math.floor(((size.open - window) * slice) / count);
        await apart.gets(first, window, most);
        const { times, processorMs } = await apart.gets(first, window, most);
        slices.push({ p50: middle(times), processor: processorMs / most });
      }
    const [one] = started;
    for (const { size, slices } of started) {
      const name = `${at}.get_${size.open}`;
      const note = `median of ${count} slices`;
      add({ name: `${name}.p50_ms`, value: middle(slices.map(({ p50 }) => p50)), unit: 'ms', note });
      add({ name: `${name}.processor_ms`, value: middle(slices.map(({ processor }) => processor)), unit: 'ms', note });
      if (!one || size.open === 1) continue;
      const about = 'median over the slices, against one tenant';
      const target = { max: 1.1 };
      add({ name: `${name}.p50_ratio`, ...ratioOf('p50', slices, one.slices), target, note: about });
      add({ name: `${name}.processor_ratio`, ...ratioOf('processor', slices, one.slices), note: about });
    }
    const last = started.at(-1);
    if (last?.size.closed === undefined) return;
    progress(`${store}: opening those that are closed`);
    const { open, closed } = last.size;
    const { times } = await last.apart.gets(open, closed, Math.min(COLD, closed));
    const note = `with its first get, another closed for it, ${open} open of ${open + closed}; p50 of ${times.length}`;
    add({ name: `${at}.cold_bounded_ms`, value: middle(times), unit: 'ms', note });
  } finally {
    for (const { apart } of started) await apart.close();
  }
}

function ratioOf(what: keyof Slice, many: readonly Slice[], one: readonly Slice[]) {
  const ratios = many.map((slice, i) => slice[what] / (one[i]?.[what] ?? NaN)).sort((a, b) => a - b);
  const quarter = ratios.length >> 2;
  return { value: middle(ratios), spread: (ratios.at(-1 - quarter) ?? NaN) - (ratios[quarter] ?? NaN) };
}
