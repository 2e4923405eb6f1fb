import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, type Composition } from './composition.js';
import { ADMIN } from './data.js';
import type { Walk, Walked } from './walk.js';

const MIB = 2 ** 20;
const USERS_A_PAGE = 1_000;
const LOOK_EVERY = 500;

const walk = JSON.parse(process.argv[2] ?? '') as Walk;
const composition = await compose(walk.place);
// What a process that serves holds anyway: connections, keys, compiled code.
for await (const _ of oneByOne(composition, walk)) break;
globalThis.gc?.();
await sleep(200);
globalThis.gc?.();

const idle = resident();
let peak = idle;
let count = 0;
const start = performance.now();
for await (const _ of oneByOne(composition, walk)) {
  count += 1;
  if (count % LOOK_EVERY === 0) peak = Math.max(peak, resident());
}
const seconds = (performance.now() - start) / 1_000;
await composition.close();
const note = walk.place.kind === 'embedded' ? 'without the pages of the data file that the system maps' : '';
process.send?.({ count, seconds, idleMiB: idle, peakMiB: peak, note } satisfies Walked);
process.disconnect?.();

async function* oneByOne({ guard, scope }: Composition, { userId }: Walk): AsyncGenerator<unknown> {
  if (userId !== undefined) return yield* scope(ADMIN, userId).getAll();
  let cursor: string | undefined;
  do {
    const page = await guard.users(ADMIN, USERS_A_PAGE, cursor);
    yield* page.users;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

// LMDB reads its file through the page cache: mapped pages count as resident but belong to the system.
function resident(): number {
  if (walk.place.kind === 'mongodb') return process.memoryUsage.rss() / MIB;
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1024;
}
