import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from '@jest/globals';
import { MemwardenError, type ExportOptions } from '../../../src/index.js';
import {
  ADMIN,
  agentOf,
  describeOnEachStore,
  EXPORT,
  handClock,
  outcome,
  ownerOf,
  policyFolder,
  type Opened,
} from '../../support/warden.js';
import { csvIds, exported, exportFolder, idsOf, jwksOf, outIn, readable, rowsOf, verified } from './support.js';
import { verifyExport } from '../../../src/compliance/export/manifest.js';

const LEVELS = ['public', 'private', 'sensitive'] as const;
const USERS = ['alice', 'bob', 'carol', 'zoë', '\u{1f600}'];

async function filled(opened: Opened, users = USERS, each = 5): Promise<void> {
  for (const user of users) {
    const memories = Array.from({ length: each }, (_, i) => ({ content: `${user} ${i}`, level: LEVELS[i % 3]! }));
    await opened.warden.scope(ADMIN, user).addMany(memories);
  }
}

describeOnEachStore('G23: exports', (open, store) => {
  test('G23: the exported set is the set that the role may read and export: export, admin, owner; an agent may not', async () => {
    const opened = await open({ policies: await policyFolder(), classify: false });
    await filled(opened);
    for (const principal of [ADMIN, EXPORT]) {
      const expected = await readable(opened, principal, USERS);
      for (const format of ['ndjson', 'json'] as const) {
        const out = await exported(opened, principal, { format });
        expect(idsOf(out).sort()).toEqual([...expected].sort());
        const { counts } = await verified(opened, out);
        expect(counts).toMatchObject({ users: 5, memories: principal === ADMIN ? 25 : 10 });
      }
    }
    expect(new Set(rowsOf(await exported(opened, EXPORT)).map((row) => row['sensitivity']))).toEqual(
      new Set(['public']),
    );
    const own = await exported(opened, ownerOf('alice'), { users: ['alice'] });
    expect(idsOf(own)).toEqual(await readable(opened, ownerOf('alice'), ['alice']));
    for (const [principal, users] of [
      [agentOf('alice'), ['alice']],
      [agentOf('alice'), 'all'],
      [ownerOf('alice'), ['alice', 'bob']],
      [{ id: 'x', role: 'nobody' }, 'all'],
    ] as const) {
      const out = outIn();
      expect(await outcome(() => opened.warden.export(principal, { users, out }))).toBe('forbidden');
      expect(readdirSync(dirname(out))).toEqual([]);
    }
    const denied = await opened.warden.audit(ADMIN).query({ outcome: 'denied' });
    expect(denied.map(({ action }) => action)).toContain('export');
  });

  test('G23: each row is the record as a read shows it, a filter narrows it, and hidden fields stay hidden (S7)', async () => {
    const policies = await policyFolder({
      auditor: `rules:
  - { id: auditor-reads, action: read, subject: Memory, fields: [occurred_at, sensitivity, category], reason: r }
  - { id: auditor-exports, action: export, subject: Memory, reason: r }
`,
    });
    const opened = await open({ policies, classify: false });
    const memory = opened.warden.scope(ADMIN, 'alice');
    const whole = await memory.add({
      content: 'tea',
      level: 'private',
      category: 'food',
      speaker: 'Alice',
      sessionId: 's',
      metadata: { a: [1, null, { b: 'x' }] },
      expiresAt: '2999-01-01T00:00:00Z',
    });
    await memory.add({ content: 'work', category: 'work' });
    const out = await exported(opened, ADMIN, { users: ['alice'], filter: { category: 'food', keyword: 'TEA' } });
    const { id, createdAt, updatedAt, occurredAt } = whole;
    expect(rowsOf(out)).toEqual([
      {
        id,
        user_id: 'alice',
        sensitivity: 'private',
        category: 'food',
        session_id: 's',
        occurred_at: occurredAt?.toISOString(),
        created_at: createdAt?.toISOString(),
        updated_at: updatedAt?.toISOString(),
        expires_at: '2999-01-01T00:00:00.000Z',
        version: 1,
        content: 'tea',
        metadata: { a: [1, null, { b: 'x' }] },
        speaker: 'Alice',
      },
    ]);
    const auditor = { id: 'x', role: 'auditor' };
    const hidden = rowsOf(await exported(opened, auditor, { users: ['alice'] }));
    expect(hidden.map((row) => Object.keys(row).sort())).toEqual(
      Array(2).fill(['category', 'id', 'occurred_at', 'sensitivity', 'user_id']),
    );
  });

  test('G23: every changed byte of every file is found, and so is another key', async () => {
    // Files are files, whatever the store.
    if (store !== 'embedded') return;
    const opened = await open({ classify: false });
    await filled(opened, ['alice'], 2);
    const out = await exported(opened, ADMIN);
    const keys = await jwksOf(opened);
    const manifest = `${out}.manifest.json`;
    for (const file of [out, `${out}.users.ndjson`, manifest]) {
      const bytes = readFileSync(file);
      const step = file === manifest ? 1 : 7;
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= 1;
        writeFileSync(file, changed);
        // Between two parts of JSON a blank is as good as another.
        const blank = file === manifest && /\s/.test(String.fromCharCode(bytes[at]!));
        const said = await outcome(() => verifyExport(manifest, keys));
        if (!blank) expect([file, at, said]).toEqual([file, at, 'manifest_invalid']);
      }
      writeFileSync(file, Buffer.concat([bytes, Buffer.from('x')]));
      expect(await outcome(() => verifyExport(manifest, keys))).toBe('manifest_invalid');
      writeFileSync(file, bytes);
    }
    expect(await outcome(() => verifyExport(manifest, '{"keys":[]}'))).toBe('manifest_invalid');
    const other = await open();
    expect(await outcome(async () => verifyExport(manifest, await jwksOf(other)))).toBe('manifest_invalid');
    expect(await verifyExport(manifest, keys)).toMatchObject({ counts: { memories: 2 } });
  });

  test('G23, S27: an export that is killed at any step goes on without duplicate or gap, and lists when it went on', async () => {
    let stop = '';
    let left = 0;
    const step = (name: string) => {
      if (name === stop && left > 0 && (left -= 1) === 0) throw new Error('killed');
    };
    const opened = await open({ classify: false, acts: { step } });
    await filled(opened, USERS, 4);
    const expected = await readable(opened, ADMIN, sorted(USERS));
    const formats = ['ndjson', 'json', 'csv'] as const;
    for (const [i, one] of [
      'part written',
      'parts synced',
      'parts noted',
      'written',
      'signed',
      'named beside',
      'named',
    ].entries()) {
      stop = one;
      left = stop === 'part written' ? 3 : 1;
      const format = formats[i % 3]!;
      const out = outIn();
      const options: ExportOptions = { users: 'all', format, gzip: i % 2 === 1, out };
      await expect(opened.warden.export(ADMIN, options)).rejects.toThrow('killed');
      const result = await opened.warden.export(ADMIN, options);
      expect(result).toMatchObject({ complete: true, users: 5, memories: 20 });
      const { startedAt } = await verified(opened, out);
      expect([stop, startedAt.length]).toEqual([stop, stop === 'named' ? 1 : 2]);
      const ids = format === 'csv' ? csvIds(out) : idsOf(out);
      expect([stop, ids]).toEqual([stop, expected]);
      const names = [out, `${out}.manifest.json`, `${out}.users.ndjson`].map((path) => basename(path));
      expect(readdirSync(dirname(out)).sort()).toEqual(names.sort());
    }
  });

  test('S27, S22: what was erased, expired, changed or came to be refused while an export was cut off is not in it', async () => {
    const clock = handClock();
    const policies = await policyFolder();
    let kill = true;
    const step = (name: string) => {
      if (name === 'written' && kill) throw new Error('killed');
    };
    const opened = await open({ policies, classify: false, clock, acts: { step, wait: async () => undefined } });
    const { warden } = opened;
    await filled(opened, USERS, 3);
    const expiring = await warden.scope(ADMIN, 'bob').add({ content: 'canary', ttl: 60_000 });
    for (const [format, gzip] of [
      ['ndjson', false],
      ['json', true],
    ] as const) {
      kill = true;
      const out = outIn();
      const options = { users: 'all', format, gzip, out } as const;
      await expect(warden.export(ADMIN, options)).rejects.toThrow('killed');
      if (format === 'ndjson') await warden.keys.erase(ADMIN, 'alice');
      await warden.scope(ADMIN, 'carol').add('new');
      clock.forward(120_000);
      kill = false;
      await warden.export(ADMIN, options);
      expect(idsOf(out)).not.toContain(expiring.id);
      expect(idsOf(out).sort()).toEqual((await readable(opened, ADMIN, USERS)).sort());
      await verified(opened, out);
    }
    expect(existsSync(outIn())).toBe(false);
  });

  test('S27: an export that goes on under other policies holds what they permit, and names both', async () => {
    const policies = await policyFolder();
    let kill = true;
    const step = (name: string) => {
      if (name === 'written' && kill) throw new Error('killed');
    };
    const opened = await open({ policies, classify: false, acts: { step } });
    await filled(opened);
    const out = outIn();
    await expect(opened.warden.export(ADMIN, { users: 'all', out })).rejects.toThrow('killed');
    const admin = `${policies}/admin.yaml`;
    writeFileSync(
      admin,
      `${readFileSync(admin, 'utf8')}
  - { id: no-secrets, action: export, subject: Memory, inverted: true, conditions: { sensitivity: sensitive }, reason: r }
`,
    );
    await opened.warden.reloadPolicies();
    kill = false;
    await opened.warden.export(ADMIN, { users: 'all', out });
    const { counts, policyRevisions } = await verified(opened, out);
    expect(counts.levels).toEqual({ public: 10, private: 10 });
    expect(policyRevisions).toEqual([opened.warden.policyRevision]);
  });

  test('G23: a partition that is written while it is read is read again; one that is written each time ends in a typed error, and is kept out', async () => {
    const opened = await open({ classify: false });
    const { warden, watch } = opened;
    await filled(opened, ['alice', 'bob'], 3);
    let writes = 0;
    watch.before = async ({ method, args }) => {
      const { partition } = (args[0] ?? {}) as { partition?: { userId: string } };
      if (method !== 'find' || partition?.userId !== 'bob' || writes <= 0) return;
      writes -= 1;
      await warden.scope(ADMIN, 'bob').add('late');
    };
    writes = 4;
    const out = await exported(opened, ADMIN);
    expect(writes).toBe(0);
    watch.before = undefined;
    expect(idsOf(out)).toEqual(await readable(opened, ADMIN, ['alice', 'bob']));
    writes = 99;
    watch.before = async ({ method, args }) => {
      const { partition } = (args[0] ?? {}) as { partition?: { userId: string } };
      if (method === 'find' && partition?.userId === 'bob') await warden.scope(ADMIN, 'bob').add('late');
    };
    const never = outIn();
    const options = { users: 'all', out: never } as const;
    expect(await outcome(() => warden.export(ADMIN, options))).toBe('export_unsettled');
    expect(existsSync(never)).toBe(false);
    watch.before = undefined;
    await warden.export(ADMIN, options);
    expect(idsOf(never)).toEqual(await readable(opened, ADMIN, ['alice', 'bob']));
    await verified(opened, never);
  });

  test('G23: while memories are added, changed and deleted, each set is what was permitted when it was read', async () => {
    const opened = await open({ classify: false });
    const { warden, watch } = opened;
    const users = ['alice', 'bob', 'carol'];
    await filled(opened, users, 30);
    let stop = false;
    let changes = 0;
    // Each state of a partition, as whoever writes it knows it.
    const states = new Map(users.map((user) => [user, new Set<string>()]));
    const note = async (user: string) => states.get(user)!.add((await readable(opened, ADMIN, [user])).sort().join());
    for (const user of users) await note(user);
    const writers = users.map(async (user) => {
      const memory = warden.scope(ADMIN, user);
      while (!stop) {
        const { id } = await memory.add('more');
        await note(user);
        await memory.update(id, { content: 'other' });
        if (changes % 2) await memory.delete(id);
        await note(user);
        changes += 1;
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
    });
    const outs: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const out = outIn();
      // Where it does not settle, the same call goes on.
      for (let tries = 0; tries < 50; tries += 1)
        if ((await outcome(() => warden.export(ADMIN, { users, out }))) !== 'export_unsettled') break;
      outs.push(out);
    }
    stop = true;
    await Promise.all(writers);
    expect(changes).toBeGreaterThan(3);
    for (const out of outs) {
      await verified(opened, out);
      for (const user of users) {
        const ids = rowsOf(out)
          .filter((row) => row['user_id'] === user)
          .map((row) => row['id'] as string);
        expect(new Set(ids).size).toBe(ids.length);
        expect(states.get(user)).toContain(ids.sort().join());
      }
    }
    expect(watch.calls.filter(({ method }) => method === 'revision').length).toBeGreaterThanOrEqual(2 * 3 * 6);
  });

  test('G18, S24: where the audit write fails, nothing is released: at the intent no file is made, at a part no memory is in it', async () => {
    const opened = await open({ classify: false, audit: { timeoutMs: 3_000 } });
    const { warden, watch } = opened;
    await filled(opened, ['alice'], 3);
    for (const after of [0, 1]) {
      const folder = exportFolder();
      const out = outIn(folder);
      let records = 0;
      watch.append = () => {
        if ((records += 1) > after) throw new Error('down');
      };
      expect(await outcome(() => warden.export(ADMIN, { users: ['alice'], out }))).toBe('audit_unavailable');
      watch.append = undefined;
      expect(readdirSync(folder).filter((name) => name.endsWith('.ndjson') && !name.includes('state'))).toEqual([]);
      for (const name of readdirSync(folder))
        expect(readFileSync(`${folder}/${name}`, 'utf8')).not.toContain('alice 0');
      await warden.export(ADMIN, { users: ['alice'], out });
      expect(idsOf(out)).toHaveLength(3);
    }
  });

  test('G24, S24: an export has an intent and a result, and is a row of the report of disclosures with its recipient, date, purpose and count', async () => {
    const opened = await open({ classify: false });
    const { warden } = opened;
    await filled(opened, ['alice', 'bob'], 3);
    await exported(opened, { ...ADMIN, purpose: 'access-request' }, { users: ['alice'], recipient: 'Dr. Roe' });
    await exported(opened, ADMIN, { users: ['alice'], recipient: 'alice' });
    const { disclosures } = await warden.audit(ADMIN).report('alice');
    expect(disclosures).toMatchObject([
      { recipient: 'Dr. Roe', askedBy: 'officer', act: 'export', purpose: 'access-request', count: 3 },
      {
        recipient: 'the user',
        askedBy: 'officer',
        act: 'export',
        count: 3,
        kinds: { public: 1, private: 1, sensitive: 1 },
      },
    ]);
    expect((await warden.audit(ADMIN).report('bob')).disclosures).toEqual([]);
    const records = await warden.audit(ADMIN).query({ principal: 'officer' });
    const runs = records.filter(({ act }) => act === 'export.run');
    expect(runs.map(({ phase, outcome: end }) => [phase, end])).toEqual([
      ['intent', 'allowed'],
      ['result', 'allowed'],
      ['intent', 'allowed'],
      ['result', 'allowed'],
    ]);
    expect(JSON.stringify(records)).not.toContain('"alice"');
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
  });

  test('an export does not write over a file, nor go on with one of other options; a signal ends it between two users', async () => {
    const opened = await open({ classify: false });
    const { warden } = opened;
    await filled(opened);
    const out = outIn();
    const stop = new AbortController();
    const onProgress = ({ users }: { users: number }) => users === 2 && stop.abort();
    const cut = await warden.export(ADMIN, { users: USERS, out, signal: stop.signal, onProgress });
    expect(cut.complete).toBe(false);
    expect(existsSync(out)).toBe(false);
    expect(await outcome(() => warden.export(EXPORT, { users: USERS, out }))).toBe('invalid_argument');
    expect(await outcome(() => warden.export(ADMIN, { users: ['bob'], out }))).toBe('invalid_argument');
    await warden.export(ADMIN, { users: ['bob'], out, fresh: true });
    expect(await outcome(() => warden.export(ADMIN, { users: ['bob'], out }))).toBe('invalid_argument');
    expect(idsOf(out)).toHaveLength(5);
    for (const options of [
      { users: [], out: outIn() },
      { users: [''], out: outIn() },
      { users: ['a', 'b'], format: 'zip', out: outIn() },
      { users: ['a'], format: 'xml', out: outIn() },
      { users: ['a'], out: outIn(), surprise: 1 },
      { users: ['a'], out: outIn(), filter: { $where: '1' } },
    ])
      expect(await outcome(() => warden.export(ADMIN, options as never))).toMatch(/^invalid_/);
    await warden.close();
    expect(await outcome(() => warden.export(ADMIN, { users: 'all', out: outIn() }))).toBe('closed');
    expect(new MemwardenError('export_unsettled').code).toBe('export_unsettled');
  });

  test('a partition larger than what is held is released page by page, whole and once', async () => {
    const opened = await open({ classify: false });
    const memory = opened.warden.scope(ADMIN, 'alice');
    for (let i = 0; i < 3; i += 1)
      await memory.addMany(Array.from({ length: 100 }, (_, n) => ({ content: `${n} ${'x'.repeat(16_000)}` })));
    await filled(opened, ['bob', 'a'], 3);
    for (const gzip of [false, true]) {
      const out = await exported(opened, ADMIN, { gzip, format: gzip ? 'json' : 'ndjson' });
      expect(idsOf(out)).toEqual(await readable(opened, ADMIN, ['a', 'alice', 'bob']));
      expect(await verified(opened, out)).toMatchObject({ counts: { memories: 306 } });
    }
    const { disclosures } = await opened.warden.audit(ADMIN).report('alice');
    const pages = disclosures.filter(({ act }) => act === 'export');
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.reduce((sum, { count }) => sum + count, 0)).toBe(600);
  });
});

function sorted(users: readonly string[]): string[] {
  return [...users].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
