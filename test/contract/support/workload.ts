import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryRecord } from '../../../src/model/fields.js';
import type { StoreDriver } from '../../../src/store/driver.js';
import type { Partition } from '../../../src/store/partition.js';
import { at, everythingIn, nextOf, recordOf, store, changeOf, targetsOf } from './records.js';

/** One act of a workload, as its process announces it before it begins. */
export interface Announced {
  readonly n: number;
  readonly act: 'insert' | 'together' | 'replace' | 'remove';
  readonly ids: readonly string[];
  /** The versions that the act finds; 0 for what is not there yet. */
  readonly version: number;
}

/** What the process says of an act when it has ended. */
export interface Ended {
  readonly n: number;
  /** `acknowledged`, `nothing`, or the code of an error. */
  readonly ended: string;
}

/**
 * Writes to a partition without end, or some acts: inserts of one and of several, replacements, removals. Prints each
 * act before it begins and after it ended, so that whoever reads the lines knows what must be there.
 */
export async function runWorkload(
  driver: StoreDriver,
  partition: Partition,
  { name, seed, acts = Infinity }: { readonly name: string; readonly seed: number; readonly acts?: number },
  say: (text: string) => void,
): Promise<void> {
  const random = randomOf(seed);
  const alive = new Map<string, MemoryRecord>();
  for (let n = 0; n < acts; n += 1) {
    const ids = [...alive.keys()];
    const chosen = alive.get(ids[Math.floor(random() * ids.length)] ?? '');
    const dice = random();
    const act = !chosen || dice < 0.35 ? 'insert' : dice < 0.55 ? 'together' : dice < 0.85 ? 'replace' : 'remove';
    const count = act === 'insert' ? 1 : 2 + Math.floor(random() * 5);
    const fresh = Array.from({ length: count }, (_, i) =>
      recordOf(partition, `${partition.userId}:${name}-${n}-${i}`, { occurred_at: at(n) }),
    );
    const records = act === 'insert' || act === 'together' ? fresh : [chosen!];
    const version = records === fresh ? 0 : chosen!.version;
    say(JSON.stringify({ n, act, ids: records.map(({ id }) => id), version } satisfies Announced));
    const ended = await carryOut(driver, partition, act, records, alive);
    say(JSON.stringify({ n, ended } satisfies Ended));
    // An answer that failed fast must not make the workload spin while the server is away.
    if (ended !== 'acknowledged') await sleep(50);
  }
}

async function carryOut(
  driver: StoreDriver,
  partition: Partition,
  act: Announced['act'],
  records: readonly MemoryRecord[],
  alive: Map<string, MemoryRecord>,
): Promise<Ended['ended']> {
  const query = everythingIn(partition);
  const [current] = records as [MemoryRecord];
  try {
    if (act === 'insert' || act === 'together') {
      await store(driver, records, true);
      for (const record of records) alive.set(record.id, record);
      return 'acknowledged';
    }
    const next = nextOf(current);
    const done =
      act === 'replace'
        ? await driver.planned.replace(query, changeOf(current, next), 0)
        : (await driver.planned.remove(query, targetsOf([current]), at(60), 0)) === 1;
    if (act === 'replace' && done) alive.set(current.id, next);
    else alive.delete(current.id);
    return done ? 'acknowledged' : 'nothing';
  } catch (error) {
    // Its outcome is unknown: it is not touched again, so that the reader of the lines has two cases and no more.
    for (const { id } of records) alive.delete(id);
    return String((error as { readonly code?: unknown }).code ?? error);
  }
}

/** Numbers from 0 to 1, the same for one seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
