import { afterEach, expect, test } from '@jest/globals';
import { toSettings, type WardenOptions } from '../../src/config/options.js';
import { createWarden, openWarden, type Warden } from '../../src/warden.js';
import { openKeys } from '../../src/wiring/keys.js';
import { replayErasures } from '../../src/wiring/replay.js';
import { openStore } from '../../src/wiring/stores.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, type Opened } from '../support/warden.js';
import { backUp, type Backup, type Stored } from './backup.js';
import { partitionOf } from './support.js';

const atOnce = { wait: () => Promise.resolve() };
const MEMBERS = [
  { user: 'alice', access: 'write' },
  { user: 'bob', access: 'write' },
] as const;

const optionsOf = ({ store, keys }: Opened['place']): WardenOptions => ({ store, keys });

describeOnEachStore('a space on a store that was restored from a backup', (open) => {
  const backups: Backup[] = [];
  afterEach(async () => {
    for (const backup of backups.splice(0)) await backup.drop();
  });

  // Who wrote what can be opened with the keys that there are now, past the guard and whatever the ledger says.
  async function opened({ place }: Opened): Promise<string[]> {
    const settings = toSettings(optionsOf(place));
    const [driver, keys] = [await openStore(settings), await openKeys(settings.keys, settings)];
    try {
      const texts: string[] = [];
      for (const name of ['team', 'kept']) {
        const rows = await driver.maintenance.memories(partitionOf(name), undefined, 100);
        await keys.rings.reading({ partition: partitionOf(name) }, async (opener) => {
          for (const row of rows) if (await opener.verify(row)) texts.push(opener.open(row, ['content']).content ?? '');
        });
      }
      return texts.sort();
    } finally {
      await keys.close();
      await driver.close();
    }
  }

  async function restored(what: readonly ('data' | 'keys')[], between?: (warden: Warden) => Promise<unknown>) {
    const own = await open({ acts: atOnce });
    const { warden, place } = own;
    const options = optionsOf(place);
    for (const [name, onErase] of [['team', 'remove'] as const, ['kept', 'keep'] as const]) {
      await warden.space(ADMIN, name).create({ onErase, members: MEMBERS });
      const alice = warden.space(agentOf('alice'), name);
      const { id } = await alice.add(`of alice in ${name}`);
      await warden.space(agentOf('bob'), name).update(id, { content: `of alice in ${name}, amended by bob` });
      await warden.space(agentOf('bob'), name).add(`of bob in ${name}`);
    }
    await warden.close();
    const before = await opened(own);
    const taken = {
      data: await backUp(place.store as Stored),
      keys: await backUp(place.keys.store as Stored),
    };
    backups.push(taken.data, taken.keys);
    const again = await openWarden(options, atOnce);
    await between?.(again);
    const certificate = await again.keys.erase(ADMIN, 'alice');
    await again.close();
    for (const part of what) await taken[part].restore();
    return { own, options, before, certificate };
  }

  const OF_ALICE = 'of alice in team, amended by bob';
  const OTHERS = ['of alice in kept, amended by bob', 'of bob in kept', 'of bob in team'];

  test.each([[['data']], [['keys']], [['data', 'keys']]] as const)(
    'G22: with %j from before an erasure nothing that the erased member wrote in a space that removes is readable once the ledger is replayed',
    async (what) => {
      const { own, options, before, certificate } = await restored(what);
      expect(before).toEqual([...OTHERS, OF_ALICE].sort());
      expect(certificate.shared?.map(({ rule, removed }) => [rule, removed]).sort()).toEqual([
        ['keep', 0],
        ['remove', 1],
      ]);
      expect(await outcome(() => createWarden(options))).toBe('erasure_missed');
      const result = await replayErasures(ADMIN, options);
      const hasData = (what as readonly string[]).includes('data');
      expect([result.replayed, result.memories]).toEqual(hasData ? [1, 1] : [0, 0]);
      expect(await opened(own)).toEqual(OTHERS);
      const warden = await createWarden(options);
      try {
        const texts = async (user: string, name: string) =>
          (await warden.space(agentOf(user), name).list()).memories.map(({ content }) => content).sort();
        expect(await texts('bob', 'team')).toEqual(['of bob in team']);
        expect(await texts('bob', 'kept')).toEqual(['of alice in kept, amended by bob', 'of bob in kept']);
        // On no list any more, in no space.
        for (const name of ['team', 'kept']) {
          expect(await texts('alice', name)).toEqual([]);
          expect((await warden.space(ADMIN, name).members()).members).toEqual([{ user: 'bob', access: 'write' }]);
        }
        expect(await outcome(() => warden.space(agentOf('bob'), 'team').add('goes on'))).toMatchObject({});
      } finally {
        await warden.close();
      }
    },
    120_000,
  );

  test('G22, S20: what an erased member wrote in a space that removes opens with no key that is left, before any replay', async () => {
    const { own, before } = await restored(['data']);
    expect(before).toContain(OF_ALICE);
    expect(await opened(own)).toEqual(OTHERS);
  }, 120_000);

  test('G22: nor does it where the keys of the space were rotated in between', async () => {
    const { own, options } = await restored(['data', 'keys'], async (warden) => {
      await warden.keys.rotateAll(ADMIN, new Date());
      expect((await warden.space(agentOf('bob'), 'team').list()).memories).toHaveLength(2);
    });
    await replayErasures(ADMIN, options);
    expect(await opened(own)).toEqual(OTHERS);
  }, 120_000);
});
