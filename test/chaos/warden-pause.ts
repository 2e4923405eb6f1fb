import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { createWarden, type Warden } from '../../src/warden.js';
import { POLICIES } from '../bench/project.js';
import { codeOf } from '../contract/support/records.js';
import type { Deployment } from '../support/mongo/deployment.js';
import { eventually, onMongo, somebody, type Figures } from './scenario.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;
const TIMEOUT_MS = 2_000;
const PAUSE_MS = 10_000;
// A change ends at its audit record, which comes first.
const TYPED = ['store_timeout', 'store_unavailable', 'audit_timeout', 'audit_unavailable'];

/** Each public call, given what is there already. */
const callsOf = (warden: Warden, memory: ScopedMemory, id: string): Record<string, () => Promise<unknown>> => ({
  get: () => memory.get(id),
  list: () => memory.list(),
  count: () => memory.count(),
  history: () => memory.history(id),
  add: () => memory.add('while it stands still'),
  addMany: () => memory.addMany([{ content: 'one of two' }, { content: 'two of two' }]),
  update: () => memory.update(id, { category: 'changed' }),
  delete: () => memory.delete(id),
  deleteAll: () => memory.deleteAll(),
  users: () => warden.users(ADMIN),
});

/** A server that stands still for 10 seconds: each call ends in time in a typed error; the same warden goes on after. */
export async function wardenPause(deployment: Deployment): Promise<Figures> {
  return onMongo(deployment, TIMEOUT_MS, async ({ uri }) => {
    const store = { kind: 'mongodb', uri } as const;
    const warden = await createWarden({ store, policies: POLICIES, timeoutMs: TIMEOUT_MS, migrate: true });
    try {
      return await pauseUnder(warden, deployment);
    } finally {
      await warden.close();
    }
  });
}

async function pauseUnder(warden: Warden, { processes: [server] }: Deployment): Promise<Figures> {
  const memory = warden.scope(ADMIN, somebody().userId);
  const { id } = await memory.add('kept');
  await server!.kill('SIGSTOP');
  // Every thread of the server stops at its own next moment.
  await sleep(1_000);
  const until = Date.now() + PAUSE_MS;
  const outcomes: { name: string; code: unknown; took: number }[] = [];
  try {
    // At once, over open connections, and once more, when the driver knows that the server is away.
    for (let pass = 1; pass <= 2; pass += 1) {
      const calls = Object.entries(callsOf(warden, memory, id)).map(async ([name, call]) => {
        const begun = Date.now();
        outcomes.push({ name: `${name} ${pass}`, code: await codeOf(call()), took: Date.now() - begun });
      });
      await Promise.all(calls);
    }
    await sleep(Math.max(0, until - Date.now()));
  } finally {
    await server!.kill('SIGCONT');
  }
  const resumed = Date.now();
  const { id: later } = await eventually(() => memory.add('after it'), 15_000);
  const recovered_ms = Date.now() - resumed;
  assert.equal((await memory.get(later))?.content, 'after it');
  for (const { name, code, took } of outcomes) {
    assert.ok(TYPED.includes(code as string), `${name} ended in ${String(code)} after ${took} ms`);
    assert.ok(took < TIMEOUT_MS + 1_000, `${name} took ${took} ms, with ${TIMEOUT_MS} ms given`);
  }
  return { calls: outcomes.length, longest_wait_ms: Math.max(...outcomes.map(({ took }) => took)), recovered_ms };
}
