import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownBytes } from '../memory.js';
import type { Answer, Question } from './apart.js';
import { Kept, type Place } from './kept.js';

const place = JSON.parse(process.argv[2] ?? '') as Place;
const kept = await Kept.open(place);

process.on('message', (question: Question) => {
  void answer(question).then(
    (value) => process.send?.(value),
    (error: unknown) => {
      process.send?.({ failed: String(error) });
    },
  );
});
// Whoever asks is gone.
process.on('disconnect', () => process.exit());
process.send?.({});

async function answer(question: Question): Promise<Answer> {
  switch (question.ask) {
    case 'make':
      return { made: await kept.make() };
    case 'open':
      return { opened: await open() };
    case 'gets':
      return { gets: await kept.gets(question.first, question.tenants, question.count) };
    case 'close':
      await kept.close();
      setImmediate(() => process.disconnect());
      return {};
  }
}

const ONE_BY_ONE = 200;
const LANES = 16;

// With one tenant there is nothing to divide what the runtime takes at first by: the first few are not counted.
async function open() {
  const count = Math.min(place.tenants, place.maxOpen);
  const warm = Math.min(10, count - 1);
  const alone = Math.min(count, warm + ONE_BY_ONE);
  const { times: first } = await kept.gets(0, Math.max(1, warm), warm);
  const before = await held();
  const { times: rest } = await kept.gets(warm, alone - warm, alone - warm);
  let next = alone;
  const lane = async () => {
    for (let i = next++; i < count; i = next++) await kept.gets(i, 1, 1);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const after = await held();
  const times = [...first, ...rest];
  const more = count - warm;
  return { times, kib: (after.bytes - before.bytes) / more / 1_024, files: (after.files - before.files) / more };
}

// What opening them left behind is given back before it is counted.
async function held(): Promise<{ readonly bytes: number; readonly files: number }> {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
    await sleep(500);
  }
  return { bytes: ownBytes(), files: openFiles() };
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return NaN;
  }
}
