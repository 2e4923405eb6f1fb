import { expect, test } from '@jest/globals';
import { HeldKey } from '../../../src/compliance/export/kept-held.js';
import { KeptKey } from '../../../src/compliance/export/kept-key.js';
import { KeyRings } from '../../../src/crypto/keys/key-rings.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, type Opened } from '../../support/warden.js';
import { noWait } from '../support.js';

const HOLD_MS = 60_000;
const ABOUT = Buffer.from('about');

/** The key of an export of some users, as another process than the warden's holds it while it hands the file out. */
async function heldOf({ keys }: Opened, users: readonly string[], clock: () => Date, holdMs = HOLD_MS) {
  const rings = new KeyRings({ store: keys.store, kms: keys.kms, clock, cacheMs: HOLD_MS, cacheMax: 100 });
  const drawn = new KeptKey(rings, 'default', 'a job');
  const key = new KeptKey(rings, 'default', 'a job');
  for (const user of users) expect(await key.open(user, await drawn.draw(user))).toBe(true);
  return { held: new HeldKey(key, ABOUT, holdMs), secret: drawn.key(ABOUT), rings };
}

describeOnEachStore('the key of an export while its file is handed out', (open) => {
  test('S22: it is asked for anew once a key of a user in it is as old as keys may be, and dies with that', async () => {
    const clock = handClock();
    const opened = await open({ acts: { wait: noWait() } });
    for (const user of ['alice', 'bob']) await opened.warden.scope(agentOf(user), user).add('blog');
    const both = await heldOf(opened, ['alice', 'bob'], clock);
    const bobs = await heldOf(opened, ['bob'], clock);
    await opened.warden.keys.erase(ADMIN, 'alice');
    // As any key of a user that another process has at hand.
    clock.forward(HOLD_MS - 1);
    expect(await both.held.now()).toEqual(both.secret);
    clock.forward(1);
    expect([await both.held.now(), await both.held.now()]).toEqual([undefined, undefined]);
    expect(await bobs.held.now()).toEqual(bobs.secret);
    // What the process itself drops is over at once.
    bobs.rings.drop({ tenant: 'default', userId: 'bob' });
    expect(await bobs.held.now()).toEqual(bobs.secret);
    await opened.warden.keys.erase(ADMIN, 'bob');
    bobs.rings.drop({ tenant: 'default', userId: 'bob' });
    expect(await bobs.held.now()).toBeUndefined();
  });

  test('S18: of who reads no further it is forgotten in time, and comes back with the shares it is made of', async () => {
    const opened = await open({ acts: { wait: noWait() } });
    await opened.warden.scope(agentOf('alice'), 'alice').add('blog');
    const { held, secret } = await heldOf(opened, ['alice'], () => new Date(), 20);
    const found = await held.now();
    expect(found).toEqual(secret);
    while (found?.some((byte) => byte !== 0)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await held.now()).toEqual(secret);
    held.end();
  });
});
