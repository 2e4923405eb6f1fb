import { isDeepStrictEqual, types } from 'node:util';
import { expect, test } from '@jest/globals';
import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { ScopedMemory } from '../../src/memory/scoped-memory.js';
import { ADMIN, agentOf, describeOnEachStore, type Opened } from '../support/warden.js';
import { fromJavaScript, fromJson, type Hostile } from './corpus.js';
import { POSITIONS, type Kind, type Position, type World } from './positions.js';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && !/\p{Cs}/u.test(value);
const isMoment = (value: unknown) =>
  types.isDate(value)
    ? !Number.isNaN(value.getTime()) && Reflect.ownKeys(value).length === 0 && !types.isProxy(value)
    : typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value);
const isPlain = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  !types.isProxy(value) &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

// What is lawful at a position, said apart from the checks that are under test.
const LAWFUL: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  id: (value) => isText(value) && [...value].length <= 256 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value),
  words: isText,
  text: isText,
  key: isText,
  level: (value) => ['public', 'private', 'sensitive'].includes(value as string),
  levels: (value) => [value].flat().every((one) => ['public', 'private', 'sensitive'].includes(one as string)),
  moment: isMoment,
  json: (value) => value === null || typeof value !== 'object' || Array.isArray(value) || isPlain(value),
  options: (value) => isPlain(value) && Reflect.ownKeys(value as object).length === 0,
  filter: (value) =>
    LAWFUL.options(value) ||
    (isPlain(value) && String(Reflect.ownKeys(value as object)) === 'id' && LAWFUL.id((value as { id: unknown }).id)),
  fact: (value) => isText(value) || typeof value === 'boolean' || Number.isFinite(value),
  facts: (value) =>
    isPlain(value) && Reflect.ownKeys(value as object).every((key) => LAWFUL.fact((value as never)[key])),
  record: (value) =>
    value === null || typeof value !== 'object' || Array.isArray(value) || types.isDate(value) || isPlain(value),
  scalar: (value) => value === null || value === '' || LAWFUL.fact(value),
  scalars: (value) =>
    isPlain(value) && Reflect.ownKeys(value as object).every((key) => LAWFUL.scalar((value as never)[key])),
  flag: (value) => typeof value === 'boolean',
  share: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  limit: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  ttl: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  none: () => false,
};

interface Tally {
  refused: number;
  inert: number;
  /** Lawful at this position, and tried at others. */
  leftOut: number;
  readonly accepted: string[];
  readonly untyped: string[];
}

describeOnEachStore('operators cannot enter', (open) => {
  const SECRETS = /BOB-SECRET|ALICE-SENSITIVE/;

  async function world({ warden }: Opened): Promise<World> {
    await warden.scope(ADMIN, 'bob').add('BOB-SECRET', { level: 'public', category: 'general' });
    await warden.scope(ADMIN, 'alice').add('ALICE-SENSITIVE', { level: 'sensitive' });
    const memory = warden.scope(agentOf('alice'), 'alice');
    return { warden, memory, id: (await memory.add('spoil me', { level: 'public' })).id };
  }

  // Never asks the value itself, which may answer differently the next time or throw.
  function isLawful(position: Position, given: unknown): boolean {
    try {
      return (position.empty as readonly unknown[]).includes(given) || LAWFUL[position.kind](given);
    } catch {
      return false;
    }
  }

  async function attack(position: Position, hostile: Hostile, place: World, tally: Tally, share: number) {
    const given = hostile.make();
    const lawful = isLawful(position, given);
    // What is lawful is stored; each of it at some positions is enough, and keeps this short.
    if (lawful && share !== 0) return void (tally.leftOut += 1);
    const where = `${position.name} <- ${hostile.name}`;
    try {
      const answer = await position.call(place, given as never);
      if (SECRETS.test(JSON.stringify(answer) ?? '')) tally.accepted.push(`${where}: it crossed`);
      // A field that was given comes back as it was given; only a number's sign of zero is not told by JSON.
      const stored =
        position.stored && !(position.empty as readonly unknown[]).includes(given) ? position.stored(answer) : given;
      const same = types.isDate(stored) || isDeepStrictEqual(stored, given) || Object.is(given, -0);
      const denied =
        position.kind !== 'record' ||
        typeof given === 'string' ||
        given === undefined ||
        types.isDate(given) ||
        !(answer as { allowed: boolean }).allowed;
      if (lawful && same && denied) tally.inert += 1;
      else tally.accepted.push(where);
    } catch (error) {
      if (isMemwardenError(error) && error.code !== 'internal' && !error.code.startsWith('store_')) tally.refused += 1;
      else tally.untyped.push(`${where}: ${String(error)}`);
    }
  }

  test.each<[string, readonly Hostile[]]>([
    ['the corpus of operators and strings', fromJson],
    ['what JSON cannot hold', fromJavaScript],
  ])(
    'G3: %s is refused with a typed error, or is inert, at every position of every method',
    async (_, inputs) => {
      const opened = await open({ clear: true });
      let place = await world(opened);
      const tally: Tally = { refused: 0, inert: 0, leftOut: 0, accepted: [], untyped: [] };
      for (const [at, position] of POSITIONS.entries()) {
        for (const [i, hostile] of inputs.entries())
          await attack(position, hostile, place, tally, inputs === fromJson ? (i + at) % 8 : 0);
        await place.memory.deleteAll();
        place = { ...place, id: (await place.memory.add('spoil me', { level: 'public' })).id };
      }
      expect(tally).toMatchObject({ accepted: [], untyped: [] });
      expect(tally.refused + tally.inert + tally.leftOut).toBe(inputs.length * POSITIONS.length);
      expect(tally.inert).toBeGreaterThan(20);
      expect(tally.refused).toBeGreaterThan((inputs.length * POSITIONS.length) / 2);
      // Nothing of others was read, changed or deleted, and nothing was written beside alice.
      const { raw, warden } = opened;
      const texts = (await raw.memories()).filter((record) => SECRETS.test(String(record['content'])));
      expect(
        texts.map((record) => [record['user_id'], record['content'], record['sensitivity'], record['version']]).sort(),
      ).toEqual([
        ['alice', 'ALICE-SENSITIVE', 'sensitive', 1],
        ['bob', 'BOB-SECRET', 'public', 1],
      ]);
      expect(
        (await raw.memories()).filter((record) => !['alice', 'bob'].includes(record['user_id'] as string)),
      ).toEqual([]);
      expect(warden.alarmCount('decision_disagrees') + warden.alarmCount('malformed_record')).toBe(0);
    },
    300_000,
  );

  test('G3: the corpus has at least 200 inputs, each name once', () => {
    const names = [...fromJson, ...fromJavaScript].map((hostile) => hostile.name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(200);
    expect(fromJson.length).toBeGreaterThanOrEqual(200);
  });

  test('G3: every public method of a scoped memory has positions', () => {
    const names: string[] = [];
    for (let at = ScopedMemory.prototype as object; at !== Object.prototype; at = Object.getPrototypeOf(at) as object)
      names.push(...Object.getOwnPropertyNames(at));
    const methods = [...new Set(names)].filter((name) => !['constructor', 'userId'].includes(name));
    const covered = new Set(POSITIONS.map(({ name }) => name.split('(')[0]));
    expect(methods.filter((name) => !covered.has(name))).toEqual([]);
    expect([...covered].filter((name) => !methods.includes(name!)).sort()).toEqual(['scope', 'users']);
  });
});
