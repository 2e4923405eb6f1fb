import './fresh-lmdb.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cp, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, describe } from '@jest/globals';
import { toSettings, PACKAGED_POLICIES, type WardenOptions } from '../../src/config/options.js';
import { closeShared } from '../../src/wiring/parts.js';
import { Policies } from '../../src/wiring/policies.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { Join } from '../../src/model/auditor.js';
import type { Along, AuditStorage, StoredGroup } from '../../src/model/audit-storage.js';
import { openEmbedded } from '../../src/store/embedded/driver.js';
import { openMongo } from '../../src/store/mongodb/driver.js';
import type { PlannedStore } from '../../src/store/planned.js';
import type { StoreDriver } from '../../src/store/driver.js';
import type { CursorKeys } from '../../src/model/cursor-keys.js';
import { createWarden, Warden } from '../../src/warden.js';
import type { WardenParts } from '../../src/wiring/parts.js';
import { auditOf } from '../../src/wiring/audit.js';
import { assertFit, assertOwn, openKeys, type Keys } from '../../src/wiring/keys.js';
import { clearSealer } from './clear-sealer.js';
import { describeOnTypicalMongo, freshDatabase } from './mongo/describe.js';
import { rawEmbedded, rawMongo, type Raw } from './raw.js';

/** One call of the store, as a test sees it go by: of memories, or of the keys that cursors are made with. */
export interface Call {
  readonly method: keyof PlannedStore | 'currentKey' | 'keyById';
  readonly args: readonly unknown[];
}

/** What a test does with the calls of the planned store: counts them, waits before one, changes an answer. */
export interface Watch {
  readonly calls: Call[];
  before?: ((call: Call) => unknown) | undefined;
  answer?: ((call: Call, result: unknown) => unknown) | undefined;
  /**
   * Stands before each write of the audit log; what it throws is what the log's store threw. Where the record would go along
   * with a write of memories, that then goes without it.
   */
  append?: ((group: StoredGroup) => unknown) | undefined;
}

export type Options = Omit<WardenOptions, 'store'>;

/** How a test opens a warden. */
export interface OpenOptions extends Options {
  /** Without encryption, so that documents can be planted past the guard. */
  readonly clear?: boolean;
  /** How erasures and rotations wait, and what is called between their steps. */
  readonly acts?: NonNullable<WardenParts['acts']>;
}

/** A warden on a store of its own. */
export interface Opened {
  readonly warden: Warden;
  readonly raw: Raw;
  /** The calls of the planned store by this warden, in order; wait for nothing if nothing was sent. */
  readonly watch: Watch;
  /** The driver under the warden, past the watch. */
  readonly driver: StoreDriver;
  /** The keys under the warden. */
  readonly keys: Keys;
  /** Where everything lies. */
  readonly place: Pick<Place, 'store' | 'keys'>;
  /** Another warden on the same store, as another process has it. */
  again(options?: Options): Promise<Warden>;
}

export type Open = (options?: OpenOptions) => Promise<Opened>;

interface Place {
  readonly store: NonNullable<WardenOptions['store']>;
  readonly keys: NonNullable<WardenOptions['keys']>;
  raw(): Promise<Raw>;
  remove(): Promise<void>;
}

/**
 * Runs a suite on the embedded store and on a MongoDB deployment, where there is one. What `open` opens is closed and taken
 * away after each test.
 */
export function describeOnEachStore(name: string, suite: (open: Open, store: 'embedded' | 'mongodb') => void): void {
  describe(`${name} [embedded]`, () => suite(opener(embeddedPlace), 'embedded'));
  describeOnTypicalMongo(name, ({ uri }) =>
    suite(
      opener(() => mongoPlace(uri)),
      'mongodb',
    ),
  );
}

let dropped: Promise<unknown> = Promise.resolve();

function opener(makePlace: () => Place): Open {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => dropped);
  return async (options = {}) => {
    const place = makePlace();
    ends.push(() => place.remove());
    const { clear, acts, ...own } = options;
    const { warden, watch, driver, keys } = await watched(place, options);
    ends.push(() => warden.close());
    const raw = await place.raw();
    ends.push(() => raw.close());
    const again = async (other: Options = own) => {
      const second =
        clear || acts
          ? (await watched(place, { ...other, ...(clear ? { clear } : {}), ...(acts ? { acts } : {}) })).warden
          : await createWarden({ migrate: true, keys: place.keys, ...other, store: place.store });
      ends.push(() => second.close());
      return second;
    };
    return { warden, raw, watch, driver, keys, place, again };
  };
}

function embeddedPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-test-'));
  const path = join(folder, 'data');
  const remove = () => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  return { store: { kind: 'embedded', path }, keys: keysIn(folder), raw: () => rawEmbedded(path), remove };
}

function keysIn(folder: string): NonNullable<WardenOptions['keys']> {
  return {
    store: { kind: 'embedded', path: join(folder, 'keystore') },
    kms: `local:${join(folder, 'keys', 'kek')}`,
    ledger: join(folder, 'ledger', 'erasures.ndjson'),
  };
}

function mongoPlace(uri: string): Place {
  const database = freshDatabase(uri);
  const keyDatabase = freshDatabase(uri);
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-test-'));
  return {
    store: { kind: 'mongodb', uri: database.uri },
    keys: { ...keysIn(folder), store: { kind: 'mongodb', uri: keyDatabase.uri } },
    raw: () => rawMongo(database.uri),
    remove() {
      // Nobody has to wait for it: the next test has databases of its own.
      dropped = Promise.all([dropped, database.drop(), keyDatabase.drop()]);
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

// createWarden, with a watch between the guard and the store.
async function watched(place: Place, { clear = false, acts, ...options }: OpenOptions) {
  const { store } = place;
  const settings = toSettings({ migrate: true, keys: place.keys, ...options, store });
  const alarms = new Alarms(settings.onAlarm);
  const policies = await Policies.start(settings, alarms);
  const driver =
    store.kind === 'embedded'
      ? await openEmbedded(store)
      : await openMongo({ ...store, timeoutMs: settings.timeoutMs });
  await driver.migrate();
  const watch: Watch = { calls: [] };
  const planned = watchPlanned(driver.planned, watch);
  const keys = await openKeys(settings.keys, settings);
  await (clear ? assertOwn(keys.store, driver.service) : assertFit(keys, driver));
  const inner = keys.instance.cursorKeys();
  const cursorKeys: CursorKeys = {
    current: () => (watch.calls.push({ method: 'currentKey', args: [] }), inner.current()),
    byId: (id) => (watch.calls.push({ method: 'keyById', args: [id] }), inner.byId(id)),
  };
  const watchedDriver = { ...driver, planned, audit: watchAudit(driver.audit, watch) };
  const opened = { driver: watchedDriver, policies, audit: await auditOf(settings, watchedDriver, keys, alarms), keys };
  const warden = new Warden({
    ...opened,
    settings,
    alarms,
    sealer: clear ? clearSealer : keys.rings,
    cursorKeys,
    close: () => closeShared(opened),
    ...(acts ? { acts } : {}),
  });
  if (settings.watchPolicies) await warden.watchPolicies();
  return { warden, watch, driver, keys };
}

// What goes along with a write of memories, as it was before it was made opaque.
const carried = new WeakMap<Along, StoredGroup>();

function watchAudit(audit: AuditStorage, watch: Watch): AuditStorage {
  const alongOf = (group: StoredGroup) => {
    const along = audit.along!(group);
    carried.set(along, group);
    return along;
  };
  return {
    ...(audit.along ? { along: alongOf } : {}),
    append: async (group) => (await watch.append?.(group), audit.append(group)),
    streams: () => audit.streams(),
    groups: (stream, from) => audit.groups(stream, from),
    last: (stream) => audit.last(stream),
    removeStream: (stream) => audit.removeStream(stream),
  };
}

/** The planned store, each call of which passes a watch. */
export function watchPlanned(planned: PlannedStore, watch: Watch): PlannedStore {
  const wrap =
    (method: keyof PlannedStore) =>
    async (...args: unknown[]) => {
      const call: Call = { method, args };
      watch.calls.push(call);
      await watch.before?.(call);
      const passed = args.map((arg) => (typeof arg === 'function' ? watchJoin(arg as Join, watch) : arg));
      const result = await (planned[method] as (...args: unknown[]) => Promise<unknown>)(...passed);
      return watch.answer ? watch.answer(call, result) : result;
    };
  const methods = Object.keys(planned) as (keyof PlannedStore)[];
  return Object.fromEntries(methods.map((method) => [method, wrap(method)])) as unknown as PlannedStore;
}

function watchJoin(join: Join, watch: Watch): Join {
  return async () => {
    const joined = await join();
    try {
      if (joined) await watch.append?.(carried.get(joined.along)!);
      return joined;
    } catch {
      return undefined;
    }
  };
}

/** A clock that stands still until it is moved. */
export function handClock(start = '2026-03-01T12:00:00.000Z') {
  let time = new Date(start).getTime();
  const clock = () => new Date(time);
  return Object.assign(clock, {
    forward: (ms: number) => void (time += ms),
    set: (at: Date | string) => void (time = new Date(at).getTime()),
  });
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with the policies of the package and those of a test, by role. */
export async function policyFolder(roles: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-policies-'));
  folders.push(folder);
  for (const role of ['admin', 'agent', 'export'])
    await cp(join(PACKAGED_POLICIES, `${role}.yaml`), join(folder, `${role}.yaml`));
  await cp(join(PACKAGED_POLICIES, 'examples', 'owner.yaml'), join(folder, 'owner.yaml'));
  for (const [role, rules] of Object.entries(roles))
    await writeFile(join(folder, `${role}.yaml`), `role: ${role}\n${rules}`);
  return folder;
}

/** An agent that acts for a user. */
export const agentOf = (userId: string) => ({ id: 'bot', role: 'agent', userId }) as const;
export const ADMIN = { id: 'officer', role: 'admin' } as const;
export const EXPORT = { id: 'job', role: 'export' } as const;
export const ownerOf = (userId: string) => ({ id: userId, role: 'owner', userId }) as const;

/** The code of the error that a call ends in, or what it resolved to. */
export async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

export const ABSENT = '01890000-0000-7000-8000-000000000000';
