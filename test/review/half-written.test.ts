import '../support/fresh-lmdb.js';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ADMIN, describeOnEachStore, outcome, policyFolder } from '../support/warden.js';

const ALLOWS = `rules:
  - { id: clerk-reads, action: read, subject: Memory, reason: r }
`;
const DENIES = `  - id: clerk-not-health
    action: read
    subject: Memory
    inverted: true
    conditions: { category: health }
    reason: r
`;
const CLERK = { id: 'c', role: 'clerk' } as const;

describeOnEachStore('A policy file that is being written', (open) => {
  test('opens nothing: allowances that are on disk before their denials are not in force alone', async () => {
    const policies = await policyFolder({ clerk: ALLOWS + DENIES });
    const { warden } = await open({ policies, watchPolicies: true });
    const { id } = await warden.scope(ADMIN, 'alice').add('insulin', { category: 'health', level: 'private' });
    const clerk = warden.scope(CLERK, 'alice');
    expect(await clerk.get(id)).toBeNull();
    // A slow copy: the second half comes within the second that the watch waits.
    const file = join(policies, 'clerk.yaml');
    await writeFile(file, `role: clerk\n${ALLOWS}`);
    let seen = false;
    for (let i = 0; i < 5; i += 1) {
      await new Promise((done) => setTimeout(done, 100));
      if ((await outcome(() => clerk.get(id))) !== null) seen = true;
    }
    await appendFile(file, DENIES);
    for (let i = 0; i < 20; i += 1) {
      await new Promise((done) => setTimeout(done, 100));
      if ((await outcome(() => clerk.get(id))) !== null) seen = true;
    }
    expect(seen).toBe(false);
  });
});
