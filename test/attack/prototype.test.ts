import { expect, test } from '@jest/globals';
import { ABSENT, ADMIN, agentOf, describeOnEachStore, outcome } from '../support/warden.js';

// What a body must not set: owner, id, level by its stored name, and what the server keeps.
const OWNED = [
  'user_id',
  'userId',
  'owner',
  'sensitivity',
  'id',
  '_id',
  'tenant',
  'version',
  'created_at',
  'createdAt',
  'updated_at',
  'updatedAt',
  'act',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
];
const PROTO = '"__proto__":{"polluted":true,"level":"public","user_id":"bob","content":"polluted"}';

describeOnEachStore('mass assignment and prototypes', (open) => {
  const expectClean = () => {
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Reflect.ownKeys(Object.prototype).sort()).toEqual(BEFORE);
  };
  const BEFORE = Reflect.ownKeys(Object.prototype).sort();

  test.each(OWNED)('G4: a body that names %s is an error, by every method, and has no effect', async (key) => {
    const { warden, raw } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('text');
    const before = await raw.memories();
    for (const value of ['bob', 'public', 99, null, undefined, { polluted: true }]) {
      const calls = [
        () => memory.add('x', { [key]: value }),
        () => memory.add({ content: 'x', [key]: value }),
        () => memory.add([{ role: 'user', content: 'x', [key]: value }] as never),
        () => memory.addMany([{ content: 'x', [key]: value }]),
        () => memory.update(id, { content: 'x', [key]: value }),
        () => memory.list({ [key]: value }),
        () => memory.count({ [key]: value }),
        () => memory.deleteMany({ category: 'general', [key]: value }),
      ];
      for (const [i, call] of calls.entries()) expect([i, await outcome(call)]).toEqual([i, 'invalid_argument']);
      expect(
        await outcome(async () =>
          warden.scope(
            { ...agentOf('alice'), ...(key === 'id' || key === 'userId' ? { x: 1 } : { [key]: value }) } as never,
            'alice',
          ),
        ),
      ).toBe('invalid_principal');
    }
    expect(await raw.memories()).toEqual(before);
    expectClean();
  });

  test('G4: __proto__ as a key of a body is an error, by every method, and reaches no prototype', async () => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    const { id } = await memory.add('text');
    const body = (text: string) => JSON.parse(text) as never;
    for (const call of [
      () => memory.add('x', body(`{${PROTO}}`)),
      () => memory.add(body(`{"content":"x",${PROTO}}`)),
      () => memory.addMany([body(`{"content":"x",${PROTO}}`)]),
      () => memory.add([body(`{"role":"user","content":"x",${PROTO}}`)]),
      () => memory.update(id, body(`{"content":"x",${PROTO}}`)),
      () => memory.list(body(`{${PROTO}}`)),
      () => memory.deleteMany(body(`{${PROTO}}`)),
      () => memory.add('x', { metadata: body(`{${PROTO}}`) }),
      () => memory.add('x', { metadata: body(`{"deep":[{"er":{${PROTO}}}]}`) }),
      () => memory.update(id, { metadata: body(`{${PROTO}}`) }),
      () => memory.explain({ record: body(`{${PROTO}}`) }),
    ]) {
      expect(await outcome(call)).toBe('invalid_argument');
    }
    expect(await outcome(async () => warden.scope(body(`{"id":"x","role":"agent",${PROTO}}`), 'alice'))).toBe(
      'invalid_principal',
    );
    expect(await memory.count()).toBe(1);
    expectClean();
  });

  test('G4: metadata that names owner, level, id and constructor is kept as it is and changes nothing beside it', async () => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    const metadata = {
      user_id: 'bob',
      userId: 'bob',
      sensitivity: 'public',
      level: 'public',
      id: ABSENT,
      tenant: 'x',
      version: 9,
      expires_at: '2000-01-01',
      constructor: { prototype: { polluted: true } },
      $set: { user_id: 'bob' },
      'a.b': 1,
    };
    const { id } = await memory.add('text', { metadata });
    await memory.update(id, { metadata: { ...metadata, more: 1 } });
    expect(await memory.get(id)).toMatchObject({
      userId: 'alice',
      level: 'private',
      version: 2,
      metadata: { ...metadata, more: 1 },
    });
    expect(await warden.scope(ADMIN, 'bob').count()).toBe(0);
    expect((await memory.get(id))?.id).not.toBe(ABSENT);
    expectClean();
  });

  test('G4: what is given back is a copy: changing it changes no later answer', async () => {
    const { warden } = await open();
    const memory = warden.scope(agentOf('alice'), 'alice');
    const given = { tags: ['a'] };
    const added = await memory.add('text', { metadata: given, occurredAt: new Date(0) });
    given.tags.push('b');
    const first = (await memory.get(added.id)) as unknown as { metadata: { tags: string[] }; occurredAt: Date };
    first.metadata.tags.push('c');
    first.occurredAt.setFullYear(2030);
    expect(await memory.get(added.id)).toMatchObject({ metadata: { tags: ['a'] }, occurredAt: new Date(0) });
  });
});
