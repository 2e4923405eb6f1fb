import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { ExportOptions, MemwardenError } from '../../../src/index.js';
import { ABSENT, ADMIN, describeOnEachStore, handClock, outcome, policyFolder } from '../../support/warden.js';
import { ROTATED_PURPOSES } from '../../../src/crypto/keys/instance-keys.js';
import { servicesOf } from '../../../src/internals.js';
import { principalAt } from '../../../src/model/principal.js';
import { noteName, openNote, sealNote } from '../../../src/compliance/sealed-note.js';
import { outIn, storedNotes, verified } from './support.js';

const RULES = `rules:
  - { id: courier-lists, action: list, subject: User, reason: r }
  - { id: courier-approves, action: approve, subject: Export, reason: r }
  - { id: courier-makes-keys, action: administer, subject: Credential, reason: r }
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
      noteName('approval', id),
      JSON.stringify({
        sealed: sealNote('approval', id, approval),
        until: '2100-01-01T00:00:00.000Z',
        signedBy: 'x',
        signature: 'AAAA',
      }),
    );
    expect(await ask({ approval: id })).toMatchObject({ code: 'unauthentic' });
  });

  test('G21, S22: neither a stored request nor its approval names anybody, or tells the query, to who has not its id', async () => {
    const { opened, approvals } = await setting();
    const who = { id: 'canary-asker', role: 'courier', userId: 'canary-user', purpose: 'canary-purpose' };
    const filter = { sessionId: 'canary-session' };
    const order = { users: ['alice', 'canary-user'], filter, recipient: 'canary-recipient', out: outIn() };
    const asked = await opened.warden.export(who, order).catch((error: unknown) => error as MemwardenError);
    const id = String((asked as MemwardenError).detail['id']);
    await approvals.approve({ id: 'canary-officer', role: 'admin' }, id);
    expect(await approvals.request(ADMIN, id)).toMatchObject({ principal: who, recipient: 'canary-recipient' });
    const texts = await storedNotes(opened);
    expect(texts).toHaveLength(2);
    for (const text of texts) {
      expect(text).not.toContain('canary');
      expect(text).not.toContain(id);
      expect(Buffer.from(/"?sealed\\*":\\*"([\w-]+)/.exec(text)?.[1] ?? '', 'base64url').length).toBeGreaterThan(60);
      expect(Buffer.from(/"?sealed\\*":\\*"([\w-]+)/.exec(text)?.[1] ?? '', 'base64url').toString()).not.toContain(
        'canary',
      );
    }
  });

  test('a token and the key that it made are of one line still when every instance key that rotates was rotated', async () => {
    const { opened, approvals } = await setting();
    const { warden } = opened;
    const origin = { door: 'http' } as const;
    const token = principalAt({ id: 'jwt:issuer:mallory', role: 'courier' }, origin, {
      name: 'mallory',
      isUser: false,
    });
    const made = await warden.credentials.create(token, { role: 'courier', users: [] });
    const caller = await servicesOf(warden).apiKeys.authenticate(made.key);
    const key = caller!.principal({ origin });
    for (const purpose of ROTATED_PURPOSES) await warden.keys.rotateInstanceKey(ADMIN, purpose);
    for (const [asker, approver] of [
      [token, key],
      [key, token],
    ] as const) {
      const asked: unknown = await warden
        .export(asker, { users: 'all', out: outIn() })
        .catch((error: unknown) => error);
      const id = String((asked as MemwardenError).detail['id']);
      expect(await outcome(() => approvals.approve(approver, id))).toBe('own_approval');
      expect(await approvals.approve(ADMIN, id)).toMatchObject({ id });
    }
    expect(await outcome(() => warden.keys.rotateInstanceKey(ADMIN, 'name' as never))).toBe('invalid_argument');
  });

  test('G21: an approval is taken away after 24 hours, a request after 7 days, by any use of one and by a purge', async () => {
    const { opened, clock, idOf, approvals } = await setting();
    const id = await idOf();
    await approvals.approve(ADMIN, id);
    expect(await storedNotes(opened)).toHaveLength(2);
    clock.forward(DAY - 1);
    await opened.warden.purge();
    expect(await storedNotes(opened)).toHaveLength(2);
    clock.forward(1);
    await opened.warden.purge();
    expect(await storedNotes(opened)).toHaveLength(1);
    // Of a request that is still there another approval may be given.
    expect(await approvals.approve({ ...ADMIN, id: 'second' }, id)).toMatchObject({ approvedBy: { id: 'second' } });
    clock.forward(6 * DAY - 1);
    expect(await approvals.request(ADMIN, id)).toMatchObject({ id });
    clock.forward(1);
    expect(await outcome(() => approvals.approve(ADMIN, id))).toBe('not_found');
    expect(await storedNotes(opened)).toEqual([]);
  });

  test('a request whose time was moved on in the store is over all the same, and a changed one is no request', async () => {
    const { opened, clock, idOf, approvals } = await setting();
    const { service } = opened.driver;
    const id = await idOf();
    const name = noteName('request', id);
    const text = String(await service.bound(name));
    const later = { ...(JSON.parse(text) as object), until: '2100-01-01T00:00:00.000Z' };
    const far = new Date('2100-01-01T00:00:00.000Z');
    expect(await service.unbind(name, far)).toBe(1);
    await service.bound(name, text, far);
    clock.forward(7 * DAY);
    expect(await outcome(() => approvals.request(ADMIN, id))).toBe('not_found');
    await service.unbind(name, far);
    await service.bound(name, JSON.stringify(later), far);
    expect(await outcome(() => approvals.request(ADMIN, id))).toBe('unauthentic');
  });

  test('a note opens under its own id and kind alone, whole and unchanged', () => {
    const sealed = sealNote('request', ABSENT, { a: 1 });
    expect(openNote('request', ABSENT, sealed)).toEqual({ a: 1 });
    expect(sealNote('request', ABSENT, { a: 1 })).not.toBe(sealed);
    const refused = [
      () => openNote('approval', ABSENT, sealed),
      () => openNote('request', `${ABSENT}0`, sealed),
      () => openNote('request', ABSENT, sealed.slice(0, -2)),
      () => openNote('request', ABSENT, ''),
      () => openNote('request', ABSENT, `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`),
    ];
    for (const open of refused) expect(open).toThrow(expect.objectContaining({ code: 'unauthentic' }));
  });
});
