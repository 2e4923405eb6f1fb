import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { reloadOnHangup } from '../../src/cli/reload-on-hangup.js';
import { PACKAGED_POLICIES } from '../../src/config/options.js';
import type { Warden } from '../../src/warden.js';
import { agentOf, describeOnEachStore, handClock, outcome, policyFolder } from '../support/warden.js';

const AGENT = readFileSync(join(PACKAGED_POLICIES, 'agent.yaml'), 'utf8');
const STRICT = AGENT.replace('{ $in: [public, private] }', 'public');

async function replace(folder: string, text: string): Promise<void> {
  await writeFile(join(folder, 'next'), text);
  await rename(join(folder, 'next'), join(folder, 'agent.yaml'));
}

/** Waits until something holds; what never does ends in the time limit of the test. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describeOnEachStore('S5: hot reload', (open) => {
  test('S5: a changed file is in force without a call, every read under way succeeds, and each answer is of one set', async () => {
    const policies = await policyFolder();
    const { warden } = await open({ policies, watchPolicies: true });
    const agent = warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('x');
    const first = warden.policyRevision;
    const answers = new Map<string, boolean>();
    let [reads, failed, isOver] = [0, 0, false];
    const reader = async () => {
      while (!isOver) {
        reads += 1;
        try {
          const { policyRevision: revision, allowed } = await agent.explain({ record: await record() });
          expect(answers.get(revision) ?? allowed).toBe(allowed);
          answers.set(revision, allowed);
          await agent.get(id);
        } catch {
          failed += 1;
        }
        // The embedded store answers in the same turn of the event loop.
        await new Promise(setImmediate);
      }
    };
    const record = async () => ({
      id, tenant: 'default', user_id: 'alice', sensitivity: 'private', category: 'x', version: 1,
      occurred_at: new Date(0), created_at: new Date(0), updated_at: new Date(0),
    }); // prettier-ignore
    const readers = [reader(), reader(), reader()];
    for (const text of [STRICT, AGENT, STRICT]) {
      const before = warden.policyRevision;
      await replace(policies, text);
      await until(() => warden.policyRevision !== before);
    }
    isOver = true;
    await Promise.all(readers);
    expect([failed, reads > 3]).toEqual([0, true]);
    expect(answers.get(first)).toBe(true);
    expect(answers.get(warden.policyRevision) ?? false).toBe(false);
    expect(await agent.get(id)).toBeNull();
  });

  test('S5: a broken file leaves the last good set with an alarm, then denies every call; repaired, it serves again', async () => {
    const clock = handClock();
    const policies = await policyFolder();
    const { warden } = await open({ policies, clock, policyMaxStaleMs: 60_000, watchPolicies: true });
    const agent = warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('x');
    const { policyRevision } = warden;
    await replace(policies, 'role: [');
    await until(() => warden.alarmCount('policy_reload_failed') > 0);
    expect([warden.ready, warden.policyRevision]).toEqual([false, policyRevision]);
    expect((await agent.get(id))?.content).toBe('x');
    clock.forward(60_001);
    expect(await outcome(() => agent.get(id))).toBe('policy_unavailable');
    await replace(policies, AGENT);
    await until(() => warden.ready);
    expect((await agent.get(id))?.content).toBe('x');
  });

  test('watchPolicies() may be called twice, ends with the warden, and throws after it', async () => {
    const policies = await policyFolder();
    const { warden } = await open({ policies });
    await Promise.all([warden.watchPolicies(), warden.watchPolicies()]);
    await warden.close();
    expect(await outcome(() => warden.watchPolicies())).toBe('closed');
  });

  test('the shadow is watched as well', async () => {
    const [policies, candidate] = [await policyFolder(), await policyFolder()];
    const { warden } = await open({ policies, shadow: { policies: candidate }, watchPolicies: true });
    const agent = warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('x');
    await replace(candidate, STRICT);
    while (warden.shadowReport()?.differing === 0) {
      await agent.get(id);
      await new Promise(setImmediate);
    }
    expect(warden.shadowReport()?.differences[0]).toMatchObject({ level: 'private', candidate: 'denied' });
    expect(warden.ready).toBe(true);
  });
});

describe('S5: SIGHUP', () => {
  async function afterHangup(reloadPolicies: Warden['reloadPolicies']): Promise<string> {
    const source = new EventEmitter();
    let end = (_: string) => {};
    const line = new Promise<string>((resolve) => (end = resolve));
    const log = new Writable({ write: (chunk: Buffer, _, done) => (end(chunk.toString()), done()) });
    const takeBack = reloadOnHangup({ reloadPolicies }, log, source as never);
    source.emit('SIGHUP');
    const text = await line;
    takeBack();
    expect(source.listenerCount('SIGHUP')).toBe(0);
    return text;
  }

  test('S5: reloads and says which revision is in force, or why none is and that the last good set serves', async () => {
    expect(await afterHangup(() => Promise.resolve('abc'))).toBe('policies reloaded, revision abc\n');
    const failing = () => Promise.reject(new Error('CANARY'));
    const text = await afterHangup(failing);
    expect(text).toMatch(/^policies not reloaded, the last good set serves: internal: /);
    expect(text).not.toContain('CANARY');
  });
});
