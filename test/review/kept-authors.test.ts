import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { exportDeskOf } from '../../src/internals.js';
import { newId } from '../../src/model/id.js';
import type { Warden } from '../../src/warden.js';
import { outIn } from '../compliance/export/support.js';
import { ADMIN, describeOnEachStore, outcome, ownerOf, policyFolder } from '../support/warden.js';

const CLERK = { id: 'clerk', role: 'clerk', userId: 'carl' } as const;
const rules = (shared: string) => `rules:
  - { id: clerk-memories, action: [read, export], subject: Memory, reason: r }
  - { id: clerk-shared, action: [${shared}], subject: SharedMemory, reason: r }
`;

async function textOf(bytes: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of bytes) text += chunk.toString();
  return text;
}

describeOnEachStore('S27: a waiting file that tells what a user wrote in a space', (open) => {
  const waiting = async (first: string) => {
    const policies = await policyFolder({ clerk: rules(first) });
    const { warden } = await open({ policies, classify: false });
    const members = [
      { user: 'alice', access: 'write' },
      { user: 'carl', access: 'read' },
    ] as const;
    await warden.space(ADMIN, 'team').create({ onErase: 'keep', members });
    await warden.space(ownerOf('alice'), 'team').add('hers', { level: 'public' });
    const desk = exportDeskOf(warden as Warden);
    const [out, job] = [outIn(), newId()];
    await desk.run(CLERK, { users: ['alice'], out }, job);
    const fetched = (ending: string) =>
      outcome(async () => textOf(await desk.file(job, `${basename(out)}${ending}`, CLERK)));
    const become = async (next: string) => {
      await writeFile(join(policies, 'clerk.yaml'), `role: clerk\n${rules(next)}`);
      await warden.reloadPolicies();
    };
    return { fetched, become };
  };

  test('is not released to who may grant no more', async () => {
    for (const [ending, told] of [
      ['', 'hers'],
      ['.users.ndjson', '"space":"team"'],
    ] as const) {
      const { fetched, become } = await waiting('read, export, grant');
      expect(await fetched(ending)).toContain(told);
      await become('read, export');
      expect(await fetched(ending)).toBe('export_stale');
    }
  });

  test('and nothing of it, because the policies export none there, is released as long as that may be told', async () => {
    const { fetched, become } = await waiting('read, grant');
    expect(await fetched('.users.ndjson')).toContain('"withheld":true');
    await become('read');
    expect(await fetched('.users.ndjson')).toBe('export_stale');
  });
});
