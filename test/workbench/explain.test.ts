import { describe, expect, it } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluateParts } from './planned-parts.js';
import { Desk } from '../../src/workbench/desk.js';
import { listQuery } from '../../src/workbench/explain.js';
import { readPolicies } from '../../src/workbench/policies.js';
import { admin, agent, cli, inFolder, json } from '../cli/in-process.js';
import { agentOf, describeOnEachStore, handClock, outcome, policyFolder } from '../support/warden.js';
import { role } from './policies.js';

const RULES = role(
  'nurse',
  '{ id: ward, action: read, subject: Memory, conditions: { category: "${principal.attributes.ward}", sensitivity: { $in: [public, private] }, occurred_at: { $gte: 2020-01-01T00:00:00Z, $lt: 2030-01-01T00:00:00Z } }, reason: r }',
  '{ id: care, action: read, subject: Memory, principal: { purpose: care }, reason: r }',
  '{ id: past, action: read, subject: Memory, not_after: 2020-01-01T00:00:00Z, reason: r }',
  '{ id: other, action: delete, subject: Memory, reason: r }',
);

describe('policy explain', () => {
  async function asked(record: object, ...flags: string[]): Promise<Record<string, unknown>> {
    return inFolder(async (folder) => {
      await mkdir(join(folder, 'p'));
      await writeFile(join(folder, 'p/nurse.yaml'), RULES);
      await writeFile(join(folder, 'm.json'), JSON.stringify(record));
      const base = [
        'policy',
        'explain',
        '--file',
        join(folder, 'm.json'),
        '--policies',
        join(folder, 'p'),
        '--user',
        'alice',
      ];
      const { exit, out, err } = await cli([...base, '--as', 'nurse', '--json', ...flags]);
      return { exit, ...json(exit === 0 ? out : err) };
    });
  }
  const considered = (found: Record<string, unknown>) => found['considered'] as Record<string, unknown>[];

  it('says of each rule which condition or attribute kept it from applying', async () => {
    const found = await asked(
      { category: 'west', sensitivity: 'sensitive' },
      '--attribute',
      'ward=east',
      '--purpose',
      'fun',
    );
    expect(found).toMatchObject({ exit: 0, allowed: false });
    expect(considered(found)).toMatchObject([
      {
        id: 'ward',
        outcome: 'conditions',
        because: ['category', 'sensitivity'],
        conditions: ['category $eq', 'sensitivity $in'],
      },
      { id: 'care', outcome: 'principal', because: ['purpose'], fact: 'other' },
      { id: 'past', outcome: 'time' },
      { id: 'other', outcome: 'other_action' },
    ]);
    expect(considered(await asked({ category: 'west' }))).toMatchObject([
      { id: 'ward', outcome: 'principal', because: ['attributes.ward'], fact: 'missing' },
      { id: 'care', outcome: 'principal', because: ['purpose'], fact: 'missing' },
      {},
      {},
    ]);
    expect(
      considered(await asked({ category: 'west', occurredAt: '2031-01-01T00:00:00Z' }, '--attribute', 'ward=west'))[0],
    ).toMatchObject({
      conditions: ['occurred_at $lt'],
    });
  });

  it('takes a memory as `get --json` prints it, and prints neither its content nor a value of it', async () => {
    const memory = {
      id: 'CANARY-1',
      userId: 'alice',
      level: 'private',
      category: 'CANARY-2',
      content: 'CANARY-3',
      metadata: { k: 'CANARY-4' },
    };
    const found = await asked(memory, '--attribute', 'ward=east');
    expect(found).toMatchObject({ exit: 0, allowed: false });
    expect(JSON.stringify(found)).not.toContain('CANARY');
    expect(await asked({ ...memory, colour: 'red' })).toMatchObject({ exit: 2, code: 'invalid_argument' });
    expect(await asked({ userId: 'bob' }, '--purpose', 'care')).toMatchObject({ refusedBy: 'partition' });
    expect(await asked({ level: 'Private' }, '--purpose', 'care')).toMatchObject({ refusedBy: 'well_formed' });
    expect(await asked({ expiresAt: '2020-01-01T00:00:00Z' }, '--purpose', 'care')).toMatchObject({
      refusedBy: 'expired',
    });
    expect(
      await asked({ expiresAt: '2020-01-01T00:00:00Z' }, '--purpose', 'care', '--at', '2019-01-01T00:00:00Z'),
    ).toMatchObject({ allowed: true });
  });

  it('prints the query that a list would send, or that it would send none', async () => {
    expect((await asked({}, '--attribute', 'ward=west'))['query']).toEqual({
      tenant: 'default',
      user_id: 'alice',
      plan: {
        $and: [
          { category: { $eq: 'west' } },
          { sensitivity: { $in: ['public', 'private'] } },
          { occurred_at: { $gte: '2020-01-01T00:00:00.000Z' } },
          { occurred_at: { $lt: '2030-01-01T00:00:00.000Z' } },
        ],
      },
      well_formed: true,
      not_expired_at: expect.any(String),
    });
    expect((await asked({}))['query']).toBe('none');
    expect((await asked({}, '--purpose', 'care'))['query']).not.toHaveProperty('plan');
  });

  it('explains a stored memory through the guard: what may not be read is not there', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'd')];
      const id = String(
        json((await cli(['add', 'CANARY', ...admin('alice'), ...data, '--level', 'sensitive', '--json'])).out)['id'],
      );
      const found = await cli(['policy', 'explain', id, ...admin('alice'), ...data]);
      expect([found.exit, found.out]).toEqual([0, expect.stringContaining('admin-memories')]);
      expect(found.out).toContain('a list would ask for {"tenant":"default","user_id":"alice","well_formed":true');
      expect(found.out).not.toContain('CANARY');
      expect((await cli(['policy', 'explain', id, ...agent('alice'), ...data])).exit).toBe(4);
      expect((await cli(['policy', 'explain', ...admin('alice'), ...data])).exit).toBe(2);
      expect((await cli(['policy', 'explain', id, '--file', 'x', ...admin('alice'), ...data])).exit).toBe(2);
      expect(
        (await cli(['policy', 'explain', id, '--at', '2026-01-01T00:00:00Z', ...admin('alice'), ...data])).exit,
      ).toBe(2);
    }));
});

describeOnEachStore('the query of policy explain', (open) => {
  const limited =
    'rules:\n  - { id: c, action: read, subject: Memory, fields: [category, occurred_at], conditions: { user_id: "${principal.user_id}", category: { $in: [a, b] } }, reason: r }\n';

  it('G1: is the one that a list sends, for each role and partition', async () => {
    const policies = await policyFolder({ clerk: limited });
    const clock = handClock();
    const { warden, watch } = await open({ policies, clock });
    const desk = await Desk.open((await readPolicies(policies)).set);
    let queries = 0;
    for (const principal of [
      agentOf('alice'),
      { ...agentOf('alice'), role: 'clerk' },
      { id: 'x', role: 'admin' },
      { id: 'x', role: 'export' },
      { id: 'x', role: 'nobody' },
    ])
      for (const owner of ['alice', 'bob']) {
        watch.calls.length = 0;
        await outcome(() => warden.scope(principal, owner).list());
        const sent = watch.calls.find(({ method }) => method === 'find');
        const told = listQuery(desk.bind(principal, clock()), owner, clock());
        expect([principal.role, owner, told]).toEqual([
          principal.role,
          owner,
          sent ? evaluateParts(sent.args[0]) : 'none',
        ]);
        queries += sent ? 1 : 0;
      }
    expect(queries).toBe(6);
  });
});
