import type { Figures } from './figures.js';
import type { Walked } from './walk.js';
import { microseconds, ratio, type Latencies } from './rounds.js';

/** The 95th percentile at each size, and how many times that of the smallest it is (G29). */
export function reportSizes(figures: Figures, at: string, latencies: Latencies, sizes: readonly number[]): void {
  const [smallest] = sizes;
  for (const users of sizes) {
    figures.add({ name: `${at}.users${users}.p95_us`, ...microseconds(latencies, String(users), 0.95), unit: 'us' });
    figures.add({ name: `${at}.users${users}.p50_us`, ...microseconds(latencies, String(users), 0.5), unit: 'us' });
    if (users === smallest) continue;
    const target = { target: { max: 1.2 }, note: `of ${smallest} users` };
    figures.add({
      name: `${at}.users${users}.p95_ratio`,
      ...ratio(latencies, String(users), String(smallest), 0.95),
      unit: 'x',
      ...target,
    });
    figures.add({
      name: `${at}.users${users}.p50_ratio`,
      ...ratio(latencies, String(users), String(smallest), 0.5),
      unit: 'x',
    });
  }
}

/** How fast a long walk was and what memory it took. */
export function reportWalk(figures: Figures, at: string, walked: Walked, limitMiB?: number): void {
  figures.add({ name: `${at}.count`, value: walked.count });
  figures.add({ name: `${at}.per_second`, value: walked.count / walked.seconds, unit: '1/s' });
  const target = limitMiB === undefined ? {} : { target: { max: limitMiB } };
  figures.add({
    name: `${at}.peak_above_idle_mib`,
    value: walked.peakMiB - walked.idleMiB,
    unit: 'MiB',
    ...target,
    note: walked.note,
  });
  figures.add({ name: `${at}.idle_mib`, value: walked.idleMiB, unit: 'MiB' });
}
