import type { Settings } from '../config/options.js';
import type { Finding } from '../model/finding.js';
import type { StoreDriver } from '../store/driver.js';
import { assertCurrent, assertOwn, openKeys, type Keys } from './keys.js';

/** What is wrong with the keys, and what was found right; nothing is made. */
export async function diagnoseKeys(
  settings: Settings,
  driver: StoreDriver,
  attempt: <T>(check: string, act: () => Promise<T>, right: (made: T) => string) => Promise<T | undefined>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let keys: Keys | undefined;
  try {
    keys = await attempt(
      'keys',
      () => openKeys(settings.keys, settings),
      ({ kms, store }) => `key-encryption key ${kms.kekId}; key store ${store.kind}`,
    );
    if (!keys) return findings;
    const { store } = keys;
    const opened = keys;
    await attempt(
      'key store',
      () => assertOwn(store, driver.service),
      () => 'made for this store',
    );
    await attempt(
      'erasures',
      () => assertCurrent(opened, driver.service, false),
      () => 'the store knows of all in the ledger',
    );
    const half = (await store.erasing(100)).length;
    findings.push({
      check: 'unfinished erasures',
      ok: half === 0,
      message: half === 0 ? 'none' : `${half} or more; run \`memwarden erasure run\``,
    });
    findings.push(await plainRows(driver));
  } finally {
    await keys?.close();
  }
  return findings;
}

async function plainRows({ maintenance }: StoreDriver): Promise<Finding> {
  let rows = 0;
  let after: Awaited<ReturnType<typeof maintenance.partitions>>[number] | undefined;
  for (;;) {
    const page = await maintenance.partitions(after, 500);
    for (const partition of page) rows += await maintenance.countNotUnder(partition, undefined);
    after = page.at(-1);
    if (page.length < 500) break;
  }
  return {
    check: 'rows in clear',
    ok: rows === 0,
    message: rows === 0 ? 'none' : `${rows} rows are not encrypted; run \`memwarden encrypt-existing\``,
  };
}
