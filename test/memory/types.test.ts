import { expect, test } from '@jest/globals';
import type { Warden } from '../../src/index.js';
import { describeOnEachStore, outcome } from '../support/warden.js';

// `npm run typecheck` compiles this: a line below that were no error would be one (TS2578, unused directive).
const MISTAKES: Readonly<Record<string, (warden: Warden) => unknown>> = {
  // @ts-expect-error a forgotten user
  'a forgotten user': (warden) => warden.scope({ id: 'bot', role: 'agent' }),
  // @ts-expect-error a forgotten principal
  'a forgotten principal': (warden) => warden.scope('alice'),
  // @ts-expect-error both forgotten
  'both forgotten': (warden) => warden.scope(),
  // @ts-expect-error swapped
  swapped: (warden) => warden.scope('alice', { id: 'bot', role: 'agent' }),
  // @ts-expect-error a user that may be missing
  'a user that may be missing': (warden) => warden.scope({ id: 'bot', role: 'agent' }, undefined as string | undefined),
  // @ts-expect-error a user that is null
  'a user that is null': (warden) => warden.scope({ id: 'bot', role: 'agent' }, null),
  // @ts-expect-error a principal without a role
  'a principal without a role': (warden) => warden.scope({ id: 'bot' }, 'alice'),
  // @ts-expect-error a principal without an id
  'a principal without an id': (warden) => warden.scope({ role: 'agent' }, 'alice'),
  // @ts-expect-error users() without a principal
  'users() without a principal': (warden) => warden.users(),
};

// These compile or not; they are never run.
export const neverRun = (memory: ReturnType<Warden['scope']>): unknown[] => [
  // @ts-expect-error a filter for deleteAll
  memory.deleteAll({ category: 'x' }),
  // @ts-expect-error no filter for deleteMany
  memory.deleteMany(),
  // @ts-expect-error an owner in a body
  memory.add('x', { userId: 'bob' }),
  // @ts-expect-error an owner in a filter
  memory.list({ userId: 'bob' }),
  // @ts-expect-error a level that is none
  memory.add('x', { level: 'secret' }),
  // @ts-expect-error an owner in a change
  memory.update('id', { userId: 'bob' }),
  // @ts-expect-error an action of another subject
  memory.explain('id', 'erase'),
];

describeOnEachStore('a forgotten user or principal', (open) => {
  test.each(Object.keys(MISTAKES))(
    '%s does not compile, and in JavaScript it is a typed error with no query sent',
    async (name) => {
      const { warden, watch } = await open();
      const code = await outcome(async () => MISTAKES[name]!(warden));
      expect(['invalid_principal', 'invalid_owner']).toContain(code);
      expect(watch.calls).toEqual([]);
    },
  );
});
