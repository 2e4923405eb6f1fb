import { describe, expect, test } from '@jest/globals';
import { openValue, sealValue, type Place, type SealedKind } from '../../../src/crypto/seal/sealed-value.js';
import { SEALED, type SealedName } from '../../../src/model/fields.js';
import { Random } from '../../parity/random.js';
import { codeOf, idOf, keysOf } from './setting.js';

const CASES = 10_000;
const SEED = 20_260_101;

/** Everything that a value is bound to. */
interface Spot {
  readonly tenant: string;
  readonly user: string;
  readonly id: string;
  readonly field: SealedName;
  readonly key: number;
  readonly kind: SealedKind;
  readonly version: number;
}

// Two key versions of one user, another user's key, and two that differ in key or key id alone.
const KEYS = [keysOf('k1'), keysOf('k2'), keysOf('other'), keysOf('k1', idOf('k3')), keysOf('k3')];
// Names that run into one another where their lengths are not written, look alike, or differ in form alone.
const SPACE: { readonly [part in keyof Spot]: readonly Spot[part][] } = {
  tenant: ['default', 'defaul', 'default2'],
  user: ['alice', 'talice', 'alic', '2alice', 'Alice', 'zo\u00eb', 'zoe\u0308', '\u0430lice'],
  id: ['m1', 'em1', 'm', '1', 'm1memory', '019a5c1e-7b00-7000-8000-0000000000a1'],
  field: [...SEALED],
  key: KEYS.map((_, i) => i),
  kind: ['memory', 'history'],
  version: [1, 2, 255, 256, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 2, 2 ** 53 - 1],
};
const PARTS = Object.keys(SPACE) as (keyof Spot)[];

const keysAt = (spot: Spot) => KEYS[spot.key] as (typeof KEYS)[number];
const placeOf = ({ tenant, user, id, version }: Spot): Place => ({ tenant, user_id: user, id, version });
const textOf = (spot: Spot) => JSON.stringify(spot);
const sealAt = (spot: Spot) => sealValue(keysAt(spot), placeOf(spot), spot.kind, spot.field, textOf(spot));
const openAt = (spot: Spot, sealed: Buffer) =>
  openValue(keysAt(spot), placeOf(spot), spot.kind, spot.field, sealed).toString();

function anywhere(random: Random): Spot {
  return Object.fromEntries(PARTS.map((part) => [part, random.pick<unknown>(SPACE[part])])) as unknown as Spot;
}

describe('G12: a ciphertext cannot move', () => {
  test(`G12: ${CASES} values moved at random open nowhere but at home (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const apart = new Map<number, number>();
    for (let moved = 0; moved < CASES;) {
      const home = anywhere(random);
      // Most of the time one part alone is another, so that nothing else can be the reason of a refusal.
      const away = { ...home };
      const changes = random.chance(0.7) ? 1 : random.between(2, PARTS.length);
      for (const part of random.shuffled(PARTS).slice(0, changes))
        Object.assign(away, { [part]: random.pick<unknown>(SPACE[part]) });
      const distance = PARTS.filter((part) => home[part] !== away[part]).length;
      if (distance === 0) continue;
      const sealed = sealAt(home);
      // Whoever moves it can write what they like: also the header that is right over there.
      if (random.chance(0.5)) sealed.set(keysAt(away).header);
      const code = codeOf(() => openAt(away, sealed));
      if (code !== 'unauthentic') throw new Error(`opened: ${textOf(home)} at ${textOf(away)}`);
      sealed.set(keysAt(home).header);
      if (openAt(home, sealed) !== textOf(home)) throw new Error(`does not open at home: ${textOf(home)}`);
      apart.set(distance, (apart.get(distance) ?? 0) + 1);
      moved += 1;
    }
    expect([...apart.values()].reduce((sum, count) => sum + count, 0)).toBe(CASES);
    // The sample holds neither only near moves nor only far ones.
    expect(apart.get(1)).toBeGreaterThan(1_000);
    expect(apart.size).toBe(PARTS.length);
  });

  test.each(PARTS)('G12: no value moves to another %s, whichever two they are', (part) => {
    const home = Object.fromEntries(PARTS.map((name) => [name, SPACE[name][0]])) as unknown as Spot;
    let moves = 0;
    for (const from of SPACE[part]) {
      for (const to of SPACE[part]) {
        const [here, there] = [
          { ...home, [part]: from },
          { ...home, [part]: to },
        ] as [Spot, Spot];
        const sealed = sealAt(here);
        if (from === to) expect(openAt(there, sealed)).toBe(textOf(here));
        else {
          expect(codeOf(() => openAt(there, sealed))).toBe('unauthentic');
          sealed.set(keysAt(there).header);
          expect(codeOf(() => openAt(there, sealed))).toBe('unauthentic');
          moves += 1;
        }
      }
    }
    expect(moves).toBe(SPACE[part].length * (SPACE[part].length - 1));
  });
});
