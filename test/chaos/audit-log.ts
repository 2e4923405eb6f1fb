import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyLog } from '../../src/audit/verify.js';
import { keysOf } from '../audit/support/logs.js';
import { openPlace, type Place } from '../contract/support/place.js';
import { start, type Child } from '../contract/support/spawn.js';
import type { StoreDriver } from '../../src/store/driver.js';
import { chance, type Figures, type Setting } from './scenario.js';

/**
 * G20: processes that write the log are killed at random moments. After each: every record that was acknowledged is
 * there once, and the log verifies. The killed one may be alone or one of two, and a third reconciles what they left.
 */
export async function auditKill(place: Place, setting: Setting): Promise<Figures> {
  const random = chance(setting, 5);
  const driver = await openPlace(place);
  await driver.migrate();
  const acknowledged = new Set<string>();
  const living = new Set<Child>();
  const verified: number[] = [];
  try {
    for (let kill = 0; kill < setting.rounds; kill += 1) {
      const names = kill % 2 ? ['a', 'b'] : ['a'];
      const children = names.map((name) =>
        start({ place, task: 'audit', args: { name: `${kill}${name}`, callers: 8 } }),
      );
      for (const child of children) living.add(child);
      for (const child of children) await child.line((line) => line.startsWith('ACK'));
      for (const child of children) {
        await sleep(random() * 30);
        child.process.kill('SIGKILL');
        // One that ended by itself says why.
        assert.equal((await child.ended).signal, 'SIGKILL', child.lines.slice(-3).join(' | '));
        living.delete(child);
        for (const line of child.lines) if (line.startsWith('ACK ')) acknowledged.add(line.slice(4));
      }
      // All of the log each time costs the square of its length.
      if (kill % CHECK_EVERY === CHECK_EVERY - 1 || kill === setting.rounds - 1) {
        verified.push(await assertWhole(driver, acknowledged));
        setting.log(`${kill + 1} kills: ${acknowledged.size} acknowledged, ${verified.at(-1)} records`);
      }
    }
  } finally {
    for (const child of living) child.process.kill('SIGKILL');
    await driver.close();
  }
  return { kills: setting.rounds, acknowledged: acknowledged.size, records: verified.at(-1) ?? 0, lost: 0, forks: 0 };
}

const CHECK_EVERY = 10;

/** G20: processes write at once for some time; then there is no gap and no fork, and all that was acknowledged is there. */
export async function auditWriters(
  place: Place,
  { processes, ms, callers = 32 }: { processes: number; ms: number; callers?: number },
): Promise<Figures> {
  const driver = await openPlace(place);
  await driver.migrate();
  const children = Array.from({ length: processes }, (_, n) =>
    start({ place, task: 'audit', args: { name: `w${n}`, callers, ms, quiet: true } }),
  );
  try {
    const written = new Map<string, number>();
    for (const [n, child] of children.entries()) {
      const { code } = await child.ended;
      assert.equal(code, 0, child.lines.slice(-3).join(' | '));
      const done = child.lines.find((line) => line.startsWith('DONE '));
      written.set(`w${n}`, Number(done?.slice(5)));
    }
    const { keys, keyOf } = keysOf(driver.service);
    assert.ok(keys);
    const report = await verifyLog(driver.audit, keyOf);
    assert.ok(report.ok, JSON.stringify(report.first));
    const total = [...written.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(report.records, total);
    assert.equal(report.streams, processes);
    return { processes, records: total, gaps: 0, forks: 0, per_second: Math.round((total / ms) * 1_000) };
  } finally {
    for (const child of children) child.process.kill('SIGKILL');
    await driver.close();
  }
}

async function assertWhole(driver: StoreDriver, acknowledged: ReadonlySet<string>): Promise<number> {
  const { keyOf } = keysOf(driver.service);
  const report = await verifyLog(driver.audit, keyOf);
  assert.ok(report.ok, JSON.stringify(report.findings.slice(0, 3)));
  const found = new Map<string, number>();
  for (const stream of await driver.audit.streams()) {
    if (stream === 'registry') continue;
    for await (const { body } of driver.audit.groups(stream)) {
      for (const [, id = ''] of body.toString().matchAll(/"event":"([^"]+)"/g)) found.set(id, (found.get(id) ?? 0) + 1);
    }
  }
  for (const id of acknowledged)
    assert.equal(found.get(id), 1, `${id} was acknowledged and is there ${found.get(id)} times`);
  return report.records;
}
