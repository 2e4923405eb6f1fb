import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Warden } from '../../src/warden.js';
import { start } from '../contract/support/spawn.js';
import { onWarden, type Places } from './key-acts.js';
import { chance, type Scenario } from './scenario.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;
const ALL = { limit: 100_000 } as const;
/** So many changes are acknowledged before a kill, however slow the machine is. */
const LEAST = 4;

/**
 * S24: a process that changes memories is killed at random moments. After each: every effect that is there has its result,
 * or its intent is left to be reconciled; no result tells of an effect that is not there; the log verifies. On the embedded
 * store one caller alone leaves no effect without its result, for the two are one commit.
 */
export const changeKill =
  (places: Places): Scenario =>
  async (setting) => {
    const random = chance(setting, 24);
    return onWarden(places, async (place, folder, open) => {
      const warden = await open();
      const tally = { kills: 0, acknowledged: 0, effects: 0, results: 0, left_to_reconcile: 0 };
      for (let round = 0; round < setting.rounds; round += 1) {
        const user = `user-${round}`;
        const callers = round % 4 === 3 ? 4 : 1;
        const child = start({ place, task: 'change', args: { place, folder, user, callers } });
        const told = () => child.lines.filter((line) => line.startsWith('ACK')).length;
        const enough = LEAST + Math.floor(random() * 6);
        await child.line(() => told() >= enough);
        await sleep(random() * 20);
        child.process.kill('SIGKILL');
        assert.equal((await child.ended).signal, 'SIGKILL', child.lines.slice(-3).join(' | '));
        const acknowledged = told();
        const { effects, results, open: left } = await leftOf(warden, user);
        assert.ok(effects >= acknowledged, `${user}: ${acknowledged} were acknowledged, ${effects} are there`);
        assert.ok(results >= acknowledged && results <= effects, `${user}: ${results} results of ${effects} effects`);
        assert.ok(effects <= results + left, `${user}: ${effects} effects, ${results} results, ${left} open intents`);
        if (callers === 1 && place.kind === 'embedded') assert.equal(effects, results, `${user}: one commit`);
        tally.kills += 1;
        tally.acknowledged += acknowledged;
        tally.effects += effects;
        tally.results += results;
        tally.left_to_reconcile += left;
      }
      const report = await warden.audit(ADMIN).verify();
      assert.ok(report.ok, JSON.stringify(report.first));
      assert.equal(report.openIntents.length, tally.left_to_reconcile);
      setting.log(JSON.stringify(tally));
      return tally;
    });
  };

async function leftOf(warden: Warden, user: string) {
  let effects = 0;
  // Each change is a version.
  for await (const { version = NaN } of warden.scope(ADMIN, user).getAll()) effects += version;
  const records = (await warden.audit(ADMIN).query({ user, ...ALL })).filter(
    ({ action }) => action === 'create' || action === 'update',
  );
  const of = (phase: string) => records.filter((record) => record.phase === phase);
  const results = of('result');
  const ended = new Set(results.map(({ intent }) => intent));
  const open = of('intent').filter(({ id }) => !ended.has(id)).length;
  return { effects, results: results.filter(({ outcome }) => outcome === 'allowed').length, open };
}
