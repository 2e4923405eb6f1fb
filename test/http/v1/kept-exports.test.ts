import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openNote, sealNote } from '../../../src/compliance/sealed-note.js';
import { v1 } from '../../../src/http/v1/index.js';
import type { StoredRow } from '../../../src/http/job-row.js';
import { servicesOf } from '../../../src/internals.js';
import type { WardenOptions } from '../../../src/config/options.js';
import { sender, type Answered, type Send } from '../../support/http.js';
import { describeServed } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { ADMIN, policyFolder } from '../../support/warden.js';

const purposes = { full: { 'memwarden-purpose': 'full' }, stats: { 'memwarden-purpose': 'stats' } };
const rules = (read: string) => `role: export
rules:
  - { id: out, action: export, subject: Memory, reason: Memories go out. }
  - { id: read, action: read, subject: Memory, ${read} reason: They are read. }
`;

describeServed('the HTTP API: files of exports that wait', (serve) => {
  let served: Served | undefined;
  afterEach(async () => {
    await served?.close();
  });
  const start = async (options: WardenOptions = {}): Promise<Served> => (served = await serve([v1], options));
  const exporter = async (): Promise<Send> =>
    sender(served!.url, await served!.key({ role: 'export', users: 'any', purposes: ['full', 'stats'] }));
  const exported = async (send: Send, body: object, headers = {}): Promise<string> => {
    const begun = await send('POST', '/v1/exports', { body, headers });
    const place = `/v1/exports/${begun.body.id}`;
    let found: Answered;
    while ((found = await send('GET', place)).body.state === 'running')
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(found.body.state).toBe('done');
    return place;
  };

  test.each([
    ['withholds', '', 'fields: [sensitivity, category, occurred_at],'],
    ['withholds of some records', '', 'fields: [sensitivity, category, occurred_at], conditions: { category: diary },'],
    ['shows', 'fields: [sensitivity, category, occurred_at],', ''],
  ])(
    'S27: a waiting file is not released once the policy %s other fields of what is in it',
    async (_, before, after) => {
      const policies = await policyFolder({});
      await writeFile(join(policies, 'export.yaml'), rules(before));
      const { warden } = await start({ policies });
      for (const category of ['diary', 'general'])
        await warden.scope(ADMIN, 'alice').add(`canary ${category}`, { level: 'public', category });
      const send = await exporter();
      const place = await exported(send, { users: ['alice'], filter: { category: 'diary' } });
      const file = await send('GET', `${place}/file`);
      expect([file.status, file.text.includes('canary diary')]).toEqual([200, before === '']);
      await writeFile(join(policies, 'export.yaml'), rules(after));
      await warden.reloadPolicies();
      for (let n = 0; n < 2; n += 1) {
        const stale = await send('GET', `${place}/file`);
        expect([stale.status, stale.body.code]).toEqual([409, 'export_stale']);
      }
    },
  );

  test('S27: a file of a user of whom a filter found nothing is not released where that field is withheld now', async () => {
    const policies = await policyFolder({});
    await writeFile(join(policies, 'export.yaml'), rules(''));
    const { warden } = await start({ policies });
    await warden.scope(ADMIN, 'alice').add('blog', { level: 'public' });
    const send = await exporter();
    const place = await exported(send, { users: ['alice'], filter: { category: 'diary' } });
    expect((await send('GET', `${place}/file?part=users`)).text).toContain('"count":0');
    await writeFile(join(policies, 'export.yaml'), rules('fields: [sensitivity, content, occurred_at],'));
    await warden.reloadPolicies();
    expect((await send('GET', `${place}/file?part=users`)).body.code).toBe('export_stale');
  });

  test('S4, S27: a waiting file goes to the purpose and the user alone that it was made for, and stays for them', async () => {
    const policies = await policyFolder({
      export: `rules:
  - { id: all, action: [read, export], subject: Memory, reason: All. }
`,
    });
    const { warden } = await start({ policies });
    await warden.scope(ADMIN, 'alice').add('canary', { level: 'public' });
    const send = await exporter();
    // Both purposes may do the same now.
    const place = await exported(send, { users: ['alice'] }, purposes.full);
    for (const headers of [purposes.stats, {}, { ...purposes.full, 'memwarden-on-behalf-of': 'bob' }]) {
      const { status, body } = await send('GET', `${place}/file`, { headers });
      expect([status, body.code]).toEqual([409, 'export_stale']);
    }
    const file = await send('GET', `${place}/file`, { headers: purposes.full });
    expect([file.status, file.text.includes('canary')]).toEqual([200, true]);
  });

  test.each(['taken away', 'emptied by who has the id of the job'])(
    'S27: a waiting file is not released where a row that says what is in it was %s',
    async (how) => {
      const policies = await policyFolder({
        export: `rules:
  - { id: out, action: export, subject: Memory, reason: Memories go out. }
  - { id: read, action: read, subject: Memory, reason: They are read. }
  - { id: hide, action: read, subject: Memory, inverted: true, fields: [speaker], conditions: { category: diary }, reason: But this. }
`,
      });
      const { warden } = await start({ policies });
      const memory = warden.scope(ADMIN, 'alice');
      const old = { level: 'public', category: 'diary', occurredAt: new Date('2020-01-01') } as const;
      const { id } = await memory.add('canary', old);
      await memory.add('blog', { level: 'public' });
      await warden.scope(ADMIN, 'bob').add('blog', { level: 'public' });
      const send = await exporter();
      const place = await exported(send, { users: ['alice', 'bob'] });
      expect((await send('GET', `${place}/file`)).text).toContain('canary');
      const { values } = servicesOf(warden);
      // For whom it is; of Alice what is shown whole, and the rest; Bob.
      const rows = await values.list('export-parts', 10);
      expect(rows).toHaveLength(4);
      const job = place.split('/').at(-1)!;
      const entry = openNote('part', job, JSON.parse(rows[2]!.value) as string) as { ids: string[] };
      expect(entry.ids).toEqual([id]);
      await memory.delete(id);
      const { key, version } = rows[2]!;
      if (how === 'taken away') await values.remove('export-parts', key);
      else {
        const emptied = JSON.stringify(sealNote('part', job, { ...entry, ids: [] }));
        await values.replace('export-parts', key, version, emptied);
      }
      const file = await send('GET', `${place}/file`);
      expect([file.status, file.body?.code]).toEqual([409, 'export_stale']);
      expect(await values.list('export-parts', 10)).toEqual([]);
    },
  );

  test('the approval and the outcome of a job do not stand in for one another in the store', async () => {
    const { warden } = await start();
    const send = await exporter();
    const place = await exported(send, { users: 'all' });
    const { values } = servicesOf(warden);
    const [row] = await values.list('jobs', 10);
    const { result, ...rest } = JSON.parse(row!.value) as StoredRow;
    await values.replace('jobs', row!.key, row!.version, JSON.stringify({ ...rest, approval: result }));
    const { status, body } = await send('GET', place);
    expect([status, body.state]).toEqual([500, undefined]);
    // Nor what names the job of an order.
    const named = sealNote('job', place.split('/').at(-1)!, 'named');
    await values.replace('jobs', row!.key, row!.version + 1, JSON.stringify({ ...rest, result: named }));
    expect((await send('GET', place)).status).toBe(500);
  });
});
