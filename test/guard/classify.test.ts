import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LEVELS, rank, type Level } from '../../src/model/levels.js';
import type { Classify } from '../../src/model/classifier.js';
import {
  ADMIN,
  agentOf,
  describeOnEachStore,
  handClock,
  outcome,
  policyFolder,
  type Opened,
} from '../support/warden.js';

// Texts name the level that they ask for: `ask:sensitive`.
const byName: Classify = ({ content, metadata, speaker }) => {
  const found = /ask:(\w+)/.exec([content, speaker ?? '', JSON.stringify(metadata ?? {})].join(' '));
  return found ? { level: found[1] as Level, ruleId: `asked-${found[1]}` } : undefined;
};
const later =
  (classify: Classify): Classify =>
  async (text) => {
    await new Promise(setImmediate);
    return classify(text);
  };
const CARD = 'Remember my card 4111 1111 1111 1111.';

async function storedLevels({ raw }: Opened): Promise<unknown[]> {
  return (await raw.memories()).map((record) => [record['sensitivity'], record['classified_by']]);
}

describeOnEachStore('levels by themselves', (open, store) => {
  // What does not depend on the store is shown on one of them.
  const isOnce = store === 'embedded';

  test('the rules of the package are on by default, for add, addMany, chats and updates of content, metadata and speaker', async () => {
    const opened = await open();
    const admin = opened.warden.scope(ADMIN, 'alice');
    const raised = { level: 'sensitive', classifiedBy: 'payment-card' };
    expect(await admin.add(CARD)).toMatchObject(raised);
    expect((await admin.addMany([{ content: 'x' }, { content: CARD }])).map(({ level }) => level)).toEqual([
      'private',
      'sensitive',
    ]);
    expect(await admin.add([{ role: 'user', content: CARD }])).toMatchObject([raised]);
    const { id } = await admin.add('x', { level: 'public' });
    expect(await admin.update(id, { speaker: 'ann@example.com' })).toMatchObject({
      level: 'private',
      classifiedBy: 'email',
    });
    expect(await admin.update(id, { metadata: { card: 4111111111111111 } })).toMatchObject(raised);
    const other = await admin.add('x', { level: 'public' });
    expect(await admin.update(other.id, { content: CARD })).toMatchObject(raised);
    expect((await admin.history(other.id)).map(({ after }) => after?.level)).toEqual(['public', 'sensitive']);
  });

  test('classify: false leaves levels to callers', async () => {
    const opened = await open({ classify: false });
    expect(await opened.warden.scope(ADMIN, 'alice').add(CARD)).toMatchObject({ level: 'private' });
    expect(await storedLevels(opened)).toEqual([['private', undefined]]);
  });

  test('the stored level is the higher of the one asked for and the one classified; a raise alone names its rule', async () => {
    const opened = await open({ classify: later(byName) });
    const admin = opened.warden.scope(ADMIN, 'alice');
    const level = fc.constantFrom(...LEVELS);
    await fc.assert(
      fc.asyncProperty(
        fc.option(level),
        fc.option(level),
        fc.option(level),
        fc.option(level),
        async (asked, first, next, then) => {
          const text = (one: Level | null) => (one ? `ask:${one}` : 'nothing');
          const higher = (a: Level, b: Level | null) => (b && rank(b) > rank(a) ? b : a);
          const added = await admin.add(text(first), asked ? { level: asked } : {});
          const start = higher(asked ?? 'private', first);
          const by = start === (asked ?? 'private') ? undefined : `asked-${start}`;
          expect([added.level, added.classifiedBy]).toEqual([start, by]);
          // An update of text never lowers it; one of level and text lowers it no further than the text asks for.
          const changed = await admin.update(added.id, { content: `${text(next)}!`, ...(then ? { level: then } : {}) });
          expect(changed.level).toBe(higher(then ?? start, next));
          expect((await admin.get(added.id))?.level).toBe(changed.level);
        },
      ),
      { seed: 10, numRuns: isOnce ? 50 : 5 },
    );
  });

  test('a raise needs no right of the caller and is not held against its maximum level', async () => {
    const clerk = `default_level: public
maximum_level: private
rules:
  - { id: clerk-all, action: [create, read, update, delete], subject: Memory, conditions: { sensitivity: { $in: [public, private] } }, reason: r }
`;
    const opened = await open({ policies: await policyFolder({ clerk }) });
    const memory = opened.warden.scope({ id: 'c', role: 'clerk' }, 'alice');
    expect(await outcome(() => memory.add('x', { level: 'sensitive' }))).toBe('forbidden');
    // It asked for no level that is stored, so the answer shows none: neither that of the text nor its own.
    const added = await memory.add(CARD, { level: 'private', category: 'payments' });
    expect(added).toStrictEqual({ id: added.id, userId: 'alice' });
    expect(await memory.get(added.id)).toBeNull();
    const { id } = await memory.add('x', { level: 'public' });
    expect(await memory.update(id, { content: CARD, level: 'private' })).toStrictEqual({ id, userId: 'alice' });
    expect(await outcome(() => memory.update(id, { content: 'y' }))).toBe('not_found');
    expect(await storedLevels(opened)).toEqual([
      ['sensitive', 'payment-card'],
      ['sensitive', 'payment-card'],
    ]);
  });

  test('the decision is made on the level that was asked for: a text that asks for less gets nobody in', async () => {
    const opened = await open({ classify: byName });
    const agent = opened.warden.scope(agentOf('alice'), 'alice');
    const asked = await agent.add('ask:public', { level: 'sensitive' });
    // The level is the one that it asked for, so the answer shows it.
    expect(asked).toStrictEqual({ id: asked.id, userId: 'alice', level: 'sensitive' });
    expect(await agent.get(asked.id)).toBeNull();
  });

  test('what raised a level is written by nobody: not by a memory, a change or a line of a file', async () => {
    const { warden } = await open();
    const admin = warden.scope(ADMIN, 'alice');
    for (const name of ['classifiedBy', 'classified_by']) {
      expect(await outcome(() => admin.add('x', { [name]: 'mine' }))).toBe('invalid_argument');
      expect(await outcome(() => admin.addMany([{ content: 'x', [name]: 'mine' }]))).toBe('invalid_argument');
      const { id } = await admin.add('x');
      expect(await outcome(() => admin.update(id, { [name]: 'mine' } as never))).toBe('invalid_argument');
      expect(await outcome(() => admin.list({ [name]: 'mine' } as never))).toBe('invalid_argument');
    }
  });

  test('S7: of an update a field that the caller may not read takes no part, so that the level does not tell of it', async () => {
    const scribe = `rules:
  - { id: scribe-reads, action: read, subject: Memory, fields: [content, sensitivity, occurred_at], reason: r }
  - { id: scribe-writes, action: update, subject: Memory, reason: r }
`;
    const opened = await open({ policies: await policyFolder({ scribe }), classify: false });
    const { id } = await opened.warden.scope(ADMIN, 'alice').add('x', { speaker: 'ask:sensitive' });
    const seen: unknown[] = [];
    const watching: Classify = (text) => (seen.push(text), byName(text));
    const second = await opened.again({ policies: await policyFolder({ scribe }), classify: watching });
    const memory = second.scope({ id: 's', role: 'scribe' }, 'alice');
    expect(await memory.update(id, { content: 'y' })).toMatchObject({ content: 'y', level: 'private' });
    expect(seen).toEqual([{ content: 'y' }]);
    // What it gives itself does.
    expect(await memory.update(id, { metadata: { a: 'ask:sensitive' } })).toMatchObject({ level: 'sensitive' });
  });

  test('S6: lowering a level without new text is not classified; it overrules the rule, and new text is classified anew', async () => {
    const opened = await open();
    const admin = opened.warden.scope(ADMIN, 'alice');
    const { id } = await admin.add(CARD);
    const lowered = await admin.update(id, { level: 'private' });
    expect(lowered).toMatchObject({ level: 'private', classifiedBy: 'overruled:payment-card' });
    for await (const raise of admin.classify()) expect(raise).toBeUndefined();
    expect(await admin.update(id, { category: 'x' })).toMatchObject({ level: 'private' });
    expect(await admin.update(id, { content: `${CARD} Again.` })).toMatchObject({
      level: 'sensitive',
      classifiedBy: 'payment-card',
    });
  });

  test('a memory that a rule raised lives as long as those of its new level, but never longer than was decided on', async () => {
    const clock = handClock();
    const { warden } = await open({ clock, defaultTtlMs: { private: 1_000, sensitive: 5_000 }, classify: byName });
    const admin = warden.scope(ADMIN, 'alice');
    const lives = async (content: string, more = {}) =>
      ((await admin.add(content, more)).expiresAt?.getTime() ?? NaN) - clock().getTime();
    expect(await lives('x')).toBe(1_000);
    expect(await lives('ask:sensitive')).toBe(1_000);
    expect(await lives('ask:private', { level: 'public' })).toBe(1_000);
    expect(await lives('ask:sensitive', { ttl: 7 })).toBe(7);
  });

  const FAULTS: Readonly<Record<string, readonly [classify: Classify, reason: string]>> = {
    throws: [
      () => {
        throw new Error('CANARY');
      },
      'threw',
    ],
    rejects: [() => Promise.reject(new Error('CANARY')), 'threw'],
    'never answers': [() => new Promise(() => undefined), 'late'],
    'answers null': [() => null as never, 'nonsense'],
    'answers a level': [() => 'sensitive' as never, 'nonsense'],
    'answers an unknown level': [() => ({ level: 'secret', ruleId: 'x' }) as never, 'nonsense'],
    'answers no rule': [() => ({ level: 'private' }) as never, 'nonsense'],
    'answers the text as a rule': [({ content }) => ({ level: 'private', ruleId: content }), 'nonsense'],
    'answers what answers twice differently': [
      () => {
        let asked = 0;
        return {
          get level() {
            return (asked += 1) === 1 ? 'nothing' : 'private';
          },
          ruleId: 'x',
        } as never;
      },
      'nonsense',
    ],
  };
  const faults = isOnce ? Object.keys(FAULTS) : ['throws'];
  test.each(faults)('a classifier that %s fails every write closed: nothing is stored', async (name) => {
    const [classify, reason] = FAULTS[name]!;
    let isFaulty = false;
    const opened = await open({ timeoutMs: 1_500, classify: (text) => (isFaulty ? classify(text) : undefined) });
    const agent = opened.warden.scope(agentOf('alice'), 'alice');
    const { id } = await agent.add('as it was before');
    isFaulty = true;
    const before = await opened.raw.memories();
    const writes = [
      () => agent.add('CANARY text'),
      () => agent.addMany([{ content: 'CANARY text' }]),
      () => agent.update(id, { content: 'CANARY text' }),
      () => agent.classify().next(),
    ];
    for (const write of writes) {
      const error = await write().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'classifier_failed', detail: { reason } });
      expect(JSON.stringify(error) + String(error)).not.toContain('CANARY');
    }
    expect(await opened.raw.memories()).toEqual(before);
    // What changes no text needs no classifier.
    expect(await agent.update(id, { category: 'x' })).toMatchObject({ category: 'x' });
  });

  test('S9: a call that is forbidden or finds nothing does not ask the classifier', async () => {
    let asked = 0;
    const opened = await open({ classify: () => void (asked += 1) as undefined });
    const { id } = await opened.warden.scope(ADMIN, 'alice').add('x', { level: 'sensitive' });
    asked = 0;
    const agent = opened.warden.scope(agentOf('alice'), 'alice');
    expect(await outcome(() => agent.update(id, { content: 'y' }))).toBe('not_found');
    expect(await outcome(() => opened.warden.scope(agentOf('bob'), 'alice').add('y'))).toBe('forbidden');
    expect(asked).toBe(0);
  });

  test('a classifier of one’s own gets a copy, and cannot change what is stored', async () => {
    const { warden } = await open({
      classify: (text) => {
        (text.metadata as { a: unknown }).a = 'spoilt';
        Object.assign(text, { content: 'spoilt' });
        return undefined;
      },
    });
    const admin = warden.scope(ADMIN, 'alice');
    expect(await admin.add('x', { metadata: { a: ['kept'] } })).toMatchObject({
      content: 'x',
      metadata: { a: ['kept'] },
    });
  });

  test('a stored record whose rule is no text is read by nobody', async () => {
    const opened = await open();
    const admin = opened.warden.scope(ADMIN, 'alice');
    const { id } = await admin.add(CARD);
    opened.watch.answer = (call, result) =>
      call.method === 'findOne' && result ? { ...result, classified_by: { $ne: 1 } } : result;
    expect(await admin.get(id)).toBeNull();
    expect(opened.warden.alarmCount('malformed_record')).toBe(1);
  });
});

describeOnEachStore('classifying what is stored', (open) => {
  async function unclassified(): Promise<Opened> {
    const opened = await open({ classify: false });
    for (const userId of ['alice', 'bob']) {
      await opened.warden
        .scope(ADMIN, userId)
        .addMany([
          { content: 'ask:sensitive one' },
          { content: 'ask:sensitive two', level: 'sensitive' },
          { content: 'ask:private', level: 'public' },
          { content: 'nothing', level: 'public' },
        ]);
    }
    return opened;
  }
  const all = async <T>(found: AsyncGenerator<T>): Promise<T[]> => {
    const every: T[] = [];
    for await (const one of found) every.push(one);
    return every;
  };

  test('a dry run names what it would raise, without content, and changes nothing; the run raises it, once', async () => {
    const opened = await unclassified();
    const before = await opened.raw.memories();
    const admin = (await opened.again({ classify: byName })).scope(ADMIN, 'alice');
    const planned = await all(admin.classify({ dryRun: true }));
    expect(planned.map(({ from, to, ruleId }) => [from, to, ruleId]).sort()).toEqual([
      ['private', 'sensitive', 'asked-sensitive'],
      ['public', 'private', 'asked-private'],
    ]);
    expect(JSON.stringify(planned)).not.toContain('ask:');
    expect(await opened.raw.memories()).toEqual(before);
    expect(await all(admin.classify())).toEqual(planned);
    expect(await all(admin.classify())).toEqual([]);
    for (const { id, to, ruleId } of planned) {
      expect(await admin.get(id)).toMatchObject({ level: to, classifiedBy: ruleId, version: 2 });
      expect(await admin.history(id)).toHaveLength(2);
    }
    const bobs = (await opened.raw.memories()).filter((record) => record['user_id'] === 'bob');
    expect(bobs).toEqual(before.filter((record) => record['user_id'] === 'bob'));
  });

  test('S6: it needs update and no right to create at the new level, and goes over what the role may read and update', async () => {
    const opened = await unclassified();
    const clerk = `rules:
  - { id: clerk, action: [read, update], subject: Memory, conditions: { sensitivity: public }, reason: r }
`;
    const policies = await policyFolder({
      clerk,
      reader: clerk.replace('id: clerk', 'id: reader').replace('[read, update]', 'read'),
    });
    const second = await opened.again({ policies, classify: byName });
    expect(await all(second.scope({ id: 'c', role: 'clerk' }, 'alice').classify())).toMatchObject([
      { from: 'public', to: 'private' },
    ]);
    expect(await outcome(() => all(second.scope({ id: 'r', role: 'reader' }, 'bob').classify()))).toBe('forbidden');
    expect(await outcome(() => all(second.scope(agentOf('bob'), 'alice').classify()))).toBe('forbidden');
  });

  test('S7: a role that may not read the text learns nothing of it', async () => {
    const opened = await unclassified();
    const blind = `rules:
  - { id: blind-reads, action: read, subject: Memory, fields: [sensitivity, category, occurred_at], reason: r }
  - { id: blind-writes, action: update, subject: Memory, reason: r }
`;
    const second = await opened.again({ policies: await policyFolder({ blind }), classify: byName });
    expect(await outcome(() => all(second.scope({ id: 'b', role: 'blind' }, 'alice').classify()))).toBe('forbidden');
  });

  test('S8: a raise is held while somebody changes the memory: it decides anew', async () => {
    let isOn = false;
    const opened = await open({ classify: (text) => (isOn ? byName(text) : undefined) });
    const second = await opened.again({ classify: false });
    const owner = opened.warden.scope(ADMIN, 'alice');
    const { id } = await owner.add('ask:sensitive');
    isOn = true;
    let held = 0;
    opened.watch.before = async ({ method }) => {
      if (method === 'replace' && (held += 1) === 1)
        await second.scope(ADMIN, 'alice').update(id, { content: 'no longer' });
    };
    expect(await all(owner.classify())).toEqual([]);
    expect(await owner.get(id)).toMatchObject({ level: 'private', content: 'no longer', version: 2 });
    opened.watch.before = async ({ method }) => {
      if (method === 'replace')
        await second.scope(ADMIN, 'alice').update(id, { content: `ask:sensitive ${(held += 1)}` });
    };
    await owner.update(id, { category: 'x' }).catch(() => undefined);
    expect(await outcome(() => all(owner.classify()))).toBe('conflict');
  });
});

describe('the setting', () => {
  test.each([true, 'rules', {}, null])('%j is no classifier', async (classify) => {
    const { toSettings } = await import('../../src/config/options.js');
    expect(() => toSettings({ classify: classify as never })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });
});
