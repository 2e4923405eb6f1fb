import assert from 'node:assert/strict';
import { noKeeper } from '../support/no-keeper.js';
import { clearSealer } from '../support/clear-sealer.js';
import { toSettings } from '../../src/config/options.js';
import type { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { HistoryEntry } from '../../src/model/memory.js';
import type { StoreDriver } from '../../src/store/driver.js';
import type { Steps } from '../../src/store/steps.js';
import { Warden } from '../../src/warden.js';
import { closeShared } from '../../src/wiring/parts.js';
import { Policies } from '../../src/wiring/policies.js';
import { POLICIES } from '../bench/project.js';
import { openPlace } from '../contract/support/place.js';
import { codeOf } from '../contract/support/records.js';
import { rawRows, type RawRows } from './raw-rows.js';
import { somebody, type Figures, type MongoPlace } from './scenario.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;
const NOW = new Date('2026-03-01T00:00:00.000Z');
/** When what was stored with an expiry is due; only the purge looks from then. */
const LATER = new Date('2026-04-01T00:00:00.000Z');
const EXPIRES = new Date('2026-03-20T00:00:00.000Z');
const text = (name: string, version: number) => `sealed ${name} at ${version}`;
const memory = (name: string, version = 1) => ({
  content: text(name, version),
  metadata: { note: text(name, version) },
  speaker: text(name, version),
});

/** What was acknowledged before the act that dies. */
interface Before {
  readonly memory: ScopedMemory;
  readonly rows: RawRows;
  readonly ids: readonly string[];
  readonly userId: string;
}

interface Act {
  readonly expires?: Date;
  run(warden: Warden, before: Before): Promise<unknown>;
  /** @returns whether the act has happened, after checking that it has happened whole or not at all */
  happened(before: Before): Promise<boolean>;
}

const ACTS: Readonly<Record<string, Act>> = {
  addMany: {
    run: (warden, { userId }) => warden.scope(ADMIN, userId).addMany(['x', 'y', 'z'].map((name) => memory(name))),
    happened: (before) => allOrNone(before, 3),
  },
  chat: {
    run: (warden, { userId }) =>
      warden.scope(ADMIN, userId).add(['x', 'y'].map((name) => ({ role: 'user', content: text(name, 1) }))),
    happened: (before) => allOrNone(before, 2),
  },
  update: {
    run: (warden, { userId, ids }) => warden.scope(ADMIN, userId).update(ids[0]!, memory('0', 3)),
    async happened({ memory, ids }) {
      const events = eventsOf(await memory.history(ids[0]!));
      assert.ok(events === 'create update' || events === 'create update update', events);
      assert.equal((await memory.get(ids[0]!))?.version, events.split(' ').length);
      return events === 'create update update';
    },
  },
  delete: {
    run: (warden, { userId, ids }) => warden.scope(ADMIN, userId).delete(ids[0]!),
    happened: (before) => deletedTogether(before, before.ids.slice(0, 1)),
  },
  deleteMany: {
    run: (warden, { userId }) => warden.scope(ADMIN, userId).deleteMany({ category: 'general' }),
    happened: (before) => deletedTogether(before, before.ids),
  },
  purge: {
    expires: EXPIRES,
    run: (warden) => warden.purge(),
    async happened({ rows, userId, ids }) {
      const left = new Set((await rows.memories(userId)).map((row) => row['_id']));
      assert.ok(left.size === 0 || left.size === ids.length, `${left.size} of ${ids.length} are left`);
      return left.size === 0;
    },
  },
};

/** A warden dies at each step of each act of several documents; what another one tells after the repair is checked. */
export async function wardenCrash(place: MongoPlace, log: (text: string) => void = () => undefined): Promise<Figures> {
  const driver = await openPlace(place);
  await driver.migrate();
  const survivor = await wardenOn(driver, NOW);
  const rows = await rawRows(place.uri);
  const figures = { crashes: 0, carried_through: 0, taken_back: 0 };
  try {
    for (const [name, act] of Object.entries(ACTS)) {
      for (let n = 1; ; n += 1) {
        const before = await sceneOf(survivor, rows, act.expires);
        const step = await dieAt(place, act, n, before);
        if (step === undefined) break;
        const happened = await afterRepair(driver, before, act).catch((error: unknown) => {
          throw new Error(`${name} died at "${step}": ${String(error)}`, { cause: error });
        });
        // The next purge must not begin with what this one has left.
        if (act.expires) await afterPurge(await wardenOn(driver, LATER), before);
        log(`${name} died at "${step}": ${happened ? 'carried through' : 'taken back'}`);
        figures.crashes += 1;
        figures[happened ? 'carried_through' : 'taken_back'] += 1;
      }
    }
  } finally {
    await rows.close();
    await survivor.close();
  }
  return figures;
}

async function afterRepair(driver: StoreDriver, before: Before, act: Act): Promise<boolean> {
  const { rows, userId, memory: mine, ids } = before;
  const dead = await rows.partition(userId);
  // The memories that the scene made have ended their writers; at the last step so has the act.
  await driver.maintenance.repair({ tenant: 'default', userId }, new Date(Date.now() + 1));
  const after = await rows.partition(userId);
  assert.deepEqual(after.writers, [], 'a writer was left');
  assert.ok(after.revision > dead.revision || dead.writers.length === 0, 'the repair has not raised the revision');
  assert.ok(after.revision > SCENE_REVISION, 'the act has not raised the revision');
  const stored = await rows.memories(userId);
  assert.ok(!stored.some((row) => 'act' in row), 'an act was left');
  const happened = await act.happened(before);
  const alive = new Set((await rows.memories(userId)).map((row) => row['_id']));
  for (const row of await rows.states(userId)) {
    if (alive.has(row['memory_id'])) continue;
    const sealed = ['content', 'metadata', 'speaker'].filter((field) => field in row);
    assert.deepEqual(sealed, [], `${String(row['_id'])} is of a deleted memory`);
  }
  for (const [name, id] of ids.entries()) {
    if (!alive.has(id)) continue;
    const entries = await mine.history(id);
    const told = entries.map(({ after }) => after?.content);
    assert.deepEqual(
      told,
      told.map((_, n) => text(String(name), n + 1)),
    );
    assert.equal((await mine.get(id))?.version, told.length, 'the history does not end in what is');
    // A change after the repair is told once, after all others.
    await mine.update(id, memory(String(name), told.length + 1));
    assert.equal((await mine.history(id)).length, entries.length + 1);
  }
  return happened;
}

// A repair carries a purge through as a delete, which keeps states in clear until the next purge: nobody may see them.
async function afterPurge(later: Warden, { rows, userId, ids }: Before): Promise<void> {
  for (const id of ids) assert.equal(await codeOf(later.scope(ADMIN, userId).history(id)), 'not_found');
  await later.purge();
  assert.deepEqual(
    [...(await rows.memories(userId)), ...(await rows.states(userId))],
    [],
    'the purge has left something',
  );
}

async function allOrNone({ memory, rows, userId, ids }: Before, count: number): Promise<boolean> {
  const added = (await memory.count()) - ids.length;
  assert.ok(added === 0 || added === count, `${added} of ${count} were added`);
  assert.equal((await rows.memories(userId)).length, ids.length + added, 'more lies in the store than is told');
  for await (const { id } of memory.getAll()) {
    if (!ids.includes(id)) assert.equal(eventsOf(await memory.history(id)), 'create');
  }
  return added === count;
}

async function deletedTogether({ memory, ids }: Before, targets: readonly string[]): Promise<boolean> {
  const told = new Set<string>();
  for (const id of ids) {
    const events = eventsOf(await memory.history(id));
    const gone = (await memory.get(id)) === null;
    assert.equal(events, gone ? 'create update delete' : 'create update');
    if (targets.includes(id)) told.add(events);
    else assert.ok(!gone, 'another memory was deleted');
  }
  assert.equal(told.size, 1, 'a part was deleted');
  return told.has('create update delete');
}

const eventsOf = (entries: readonly HistoryEntry[]) => entries.map(({ event }) => event).join(' ');

/** One insert and three updates, which raise the revision twice each. */
const SCENE_REVISION = 8;

async function sceneOf(survivor: Warden, rows: RawRows, expiresAt?: Date): Promise<Before> {
  const { userId } = somebody();
  const mine = survivor.scope(ADMIN, userId);
  const names = ['0', '1', '2'];
  const added = await mine.addMany(names.map((name) => ({ ...memory(name), ...(expiresAt ? { expiresAt } : {}) })));
  const ids = added.map(({ id }) => id);
  for (const [n, id] of ids.entries()) await mine.update(id, memory(names[n]!, 2));
  assert.equal((await rows.partition(userId)).revision, SCENE_REVISION);
  return { memory: mine, rows, ids, userId };
}

/** @returns the step at which the act stopped for good, or undefined where it came to its end before */
async function dieAt(place: MongoPlace, act: Act, n: number, before: Before): Promise<string | undefined> {
  let taken = 0;
  let died: string | undefined;
  // Nothing that comes after may reach the store: neither another step nor a clean-up.
  const steps: Steps = async (name) => {
    taken += 1;
    if (taken < n) return;
    died ??= name;
    throw new Error('died');
  };
  const driver = await openPlace(place, steps);
  const doomed = await wardenOn(driver, act.expires ? LATER : NOW);
  const outcome = await act.run(doomed, before).then(
    () => 'acknowledged',
    (error: unknown) => String(error),
  );
  await doomed.close();
  assert.equal(outcome, died === undefined ? 'acknowledged' : 'Error: died');
  return died;
}

async function wardenOn(driver: StoreDriver, now: Date): Promise<Warden> {
  const clock = () => now;
  const settings = toSettings({ store: { kind: 'embedded', path: 'unused' }, policies: POLICIES, clock });
  const alarms = new Alarms();
  const policies = await Policies.start(settings, alarms);
  const cursorKeys = {
    current: () => driver.service.currentKey('cursor'),
    byId: (id: string) => driver.service.keyById(id),
  };
  const parts = { settings, driver, policies, alarms, cursorKeys, sealer: clearSealer, audit: noKeeper };
  const close = () => closeShared({ ...parts, keys: undefined });
  return new Warden({ ...parts, keys: undefined, close });
}
