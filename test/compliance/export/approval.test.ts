import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { ExportOptions, MemwardenError } from '../../../src/index.js';
import { ABSENT, ADMIN, describeOnEachStore, handClock, outcome, policyFolder } from '../../support/warden.js';
import { outIn, verified } from './support.js';

const RULES = `rules:
  - { id: courier-lists, action: list, subject: User, reason: r }
  - { id: courier-approves, action: approve, subject: Export, reason: r }
  - id: courier-exports
    action: [read, export]
    subject: Memory
    requires_approval: { over_users: 1 }
    reason: r
`;
const COURIER = { id: 'courier', role: 'courier' } as const;
const DAY = 86_400_000;

describeOnEachStore('approval of exports', (open) => {
  const setting = async () => {
    const clock = handClock();
    const opened = await open({ policies: await policyFolder({ courier: RULES }), classify: false, clock });
    for (const user of ['alice', 'bob']) await opened.warden.scope(ADMIN, user).add(user);
    const ask = async (options: Partial<ExportOptions> = {}) => {
      const all = { users: 'all', out: outIn(), ...options } as const;
      return opened.warden.export(COURIER, all).then(
        () => 'done',
        (error: unknown) => error as MemwardenError,
      );
    };
    const idOf = async (options: Partial<ExportOptions> = {}) => {
      const error = (await ask(options)) as MemwardenError;
      expect(error.code).toBe('approval_required');
      return String(error.detail['id']);
    };
    return { opened, clock, ask, idOf, approvals: opened.warden.exportApprovals };
  };

  test('requires_approval: over so many users another principal approves, by name and on record; the manifest says who', async () => {
    const { opened, ask, idOf, approvals } = await setting();
    expect(await ask({ users: ['alice'] })).toBe('done');
    const out = outIn();
    const id = await idOf({ out });
    expect(existsSync(out)).toBe(false);
    expect(await ask({ out, approval: id })).toMatchObject({ code: 'approval_required' });
    expect(await approvals.request(ADMIN, id)).toMatchObject({
      id,
      principal: { id: 'courier', role: 'courier' },
      query: { users: 'all', format: 'ndjson' },
    });
    expect(await approvals.approve(ADMIN, id)).toMatchObject({ id, approvedBy: { id: 'officer', role: 'admin' } });
    expect(await ask({ out, approval: id })).toBe('done');
    expect(await verified(opened, out)).toMatchObject({ approval: { id, approvedBy: { id: 'officer' } } });
    const records = await opened.warden.audit(ADMIN).query();
    const acts = records.filter(({ act }) => act === 'export.approve');
    expect(acts.map(({ phase, outcome: end, principal }) => [phase, end, principal.id])).toEqual([
      ['intent', 'allowed', 'officer'],
      ['result', 'allowed', 'officer'],
    ]);
  });

  test('nobody approves an export of their own; who may not approve may not; an unknown request is absent', async () => {
    const { opened, idOf, approvals } = await setting();
    const id = await idOf();
    expect(await outcome(() => approvals.approve(COURIER, id))).toBe('own_approval');
    // The same person in another role.
    expect(await outcome(() => approvals.approve({ ...ADMIN, id: 'courier' }, id))).toBe('own_approval');
    expect(await outcome(() => approvals.approve({ id: 'bot', role: 'agent' }, id))).toBe('forbidden');
    expect(await outcome(() => approvals.request({ id: 'bot', role: 'agent' }, id))).toBe('forbidden');
    expect(await outcome(() => approvals.approve(ADMIN, ABSENT))).toBe('not_found');
    const failed = await opened.warden.audit(ADMIN).query({ outcome: 'failed' });
    expect(failed.map(({ act }) => act)).toEqual(['export.approve', 'export.approve', 'export.approve']);
  });

  test('an approval holds for 24 hours, and for the same principal, users, filter, form, recipient and policies alone', async () => {
    const { opened, clock, ask, idOf, approvals } = await setting();
    const id = await idOf({ users: ['alice', 'bob'], recipient: 'R' });
    await approvals.approve(ADMIN, id);
    for (const other of [
      { users: 'all' },
      { users: ['alice', 'bob', 'carol'] },
      { filter: { level: 'public' } },
      { format: 'csv' },
      { recipient: 'S' },
    ] as const)
      expect(await ask({ users: ['alice', 'bob'], recipient: 'R', approval: id, ...other })).toMatchObject({
        code: 'approval_required',
      });
    const same = { users: ['bob', 'alice'], recipient: 'R', approval: id } as const;
    const asOther = { ...COURIER, id: 'other' };
    expect(await outcome(() => opened.warden.export(asOther, { ...same, out: outIn() }))).toBe('approval_required');
    clock.forward(DAY - 1);
    expect(await ask(same)).toBe('done');
    clock.forward(1);
    expect(await ask(same)).toMatchObject({ code: 'approval_required' });
  });

  test('an approval that was put into the store past the product opens nothing', async () => {
    const { opened, ask, idOf } = await setting();
    const id = await idOf();
    const approval = { id, approvedBy: { id: 'officer', role: 'admin' }, at: '2026-03-01T12:00:00.000Z' };
    await opened.driver.service.bound(
      `export.approval.${id}`,
      JSON.stringify({ ...approval, signedBy: 'x', signature: 'AAAA' }),
    );
    expect(await ask({ approval: id })).toMatchObject({ code: 'unauthentic' });
  });
});
