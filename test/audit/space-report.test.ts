import { expect, test } from '@jest/globals';
import { formatReport, REPORT_FORMATS } from '../../src/compliance/report-formats.js';
import type { Principal } from '../../src/model/principal.js';
import { ADMIN, agentOf, describeOnEachStore, handClock, outcome, policyFolder } from '../support/warden.js';

const ALICE = agentOf('alice');
const BOB = agentOf('bob');
const AUDITOR: Principal = { id: 'x', role: 'auditor', userId: 'ann' };
const GRANTER: Principal = { id: 'g', role: 'granter' };

const auditor = `rules:
  - id: looks
    action: audit
    subject: AuditRecord
    reason: Looks at the log.
  - id: reads
    action: read
    subject: SharedMemory
    reason: Reads where a list has it.
`;
const granter = `rules:
  - id: grants
    action: grant
    subject: SharedMemory
    reason: Keeps the lists.
`;
describeOnEachStore('accounting of disclosures of a space', (open) => {
  async function team(options: Parameters<typeof open>[0] = {}) {
    const opened = await open({ policies: await policyFolder({ auditor, granter }), ...options });
    const { warden } = opened;
    const officer = warden.space(ADMIN, 'team');
    await officer.create({
      onErase: 'keep',
      members: [
        { user: 'alice', access: 'write' },
        { user: 'bob', access: 'read' },
      ],
    });
    const alice = warden.space(ALICE, 'team');
    const { id } = await alice.add('The harbour opens at six.', { level: 'public' });
    return { ...opened, officer, alice, id };
  }

  test('G24: every release of what is in a space is a row, whoever read it; what was written, counted or refused is none', async () => {
    const { warden, alice, id } = await team();
    const bob = warden.space({ ...BOB, purpose: 'planning' }, 'team');
    await alice.add('A second one.');
    await bob.get(id);
    await alice.search('harbour');
    await bob.list();
    await bob.count();
    await bob.explain(id);
    await outcome(() => bob.delete(id));
    await warden.space(agentOf('mallory'), 'team').get(id);
    const report = await warden.audit(ADMIN).reportSpace('team');
    expect(report).toMatchObject({ space: 'team', known: true });
    expect(report.disclosures).toMatchObject([
      { recipient: 'bot', act: 'read', purpose: 'planning', kinds: { public: 1 }, count: 1 },
      { recipient: 'bot', act: 'search', count: 1 },
      { recipient: 'bot', act: 'list', kinds: { public: 1, private: 1 }, count: 2 },
    ]);
    const [first, second] = report.disclosures;
    expect(first!.onBehalfOf).toMatch(/^[\w-]{22}$/);
    expect(second!.onBehalfOf).not.toBe(first!.onBehalfOf);
    // Nothing of it is in the report of a user, nor anything of a user's in that of the space.
    const hers = await warden.audit(ADMIN).report('alice');
    expect(hers.disclosures.filter(({ event }) => report.disclosures.some((one) => one.event === event))).toEqual([]);
  });

  test('G24: a period limits it, and every form names the space and no user', async () => {
    const clock = handClock();
    const { warden, alice, id } = await team({ clock });
    await alice.get(id);
    clock.forward(60_000);
    const since = clock();
    await alice.get(id);
    const all = await warden.audit(ADMIN).reportSpace('team');
    const late = await warden.audit(ADMIN).reportSpace('team', { since });
    expect([all.disclosures.length, late.disclosures.length]).toEqual([2, 1]);
    expect(late.since).toBe(since.toISOString());
    for (const format of REPORT_FORMATS) {
      const text = formatReport(all, format);
      expect(text).toContain(all.disclosures[0]!.event);
      if (format !== 'csv') expect(text).toContain('team');
      expect(text).not.toContain('alice');
    }
    expect(formatReport(all, 'text')).toMatch(/^Disclosures of the memories of the space team, from/);
    expect(formatReport({ ...all, space: '<script>' }, 'html')).not.toContain('<script>');
    expect(formatReport(await warden.audit(ADMIN).reportSpace('absent'), 'text')).toContain('you may not know of it');
  });

  test('S9: it is for who may look at the log and for who may grant; who may neither is refused before anything is asked', async () => {
    const { warden, alice, id } = await team();
    await alice.get(id);
    const granted = await warden.audit(GRANTER).reportSpace('team');
    expect(granted.disclosures).toHaveLength(1);
    for (const who of [ALICE, { id: 'x', role: 'nobody' }])
      for (const space of ['team', 'absent'])
        expect(await outcome(() => warden.audit(who).reportSpace(space))).toBe('forbidden');
    expect(await outcome(() => warden.audit(GRANTER).report('alice'))).toBe('forbidden');
    expect(await outcome(() => warden.audit(ADMIN).reportSpace(''))).toBe('invalid_argument');
  });

  test('G6: who may not grant is told of a space whose list has it as a reader, and of others as of one that is not there', async () => {
    const { warden, officer, alice, id } = await team();
    await alice.get(id);
    const told = async (space: string) => {
      const { space: _, ...rest } = await warden.audit(AUDITOR).reportSpace(space);
      return JSON.stringify(rest);
    };
    const nothing = JSON.stringify({ known: false, disclosures: [] });
    expect([await told('team'), await told('absent')]).toEqual([nothing, nothing]);
    // Nor by the record of the look, which who may look at the log may read.
    const looks = async () =>
      (await warden.audit(ADMIN).query()).filter(
        ({ act, principal }) => act === 'report' && principal.id === AUDITOR.id,
      );
    expect((await looks()).map(({ owner }) => owner)).toEqual([undefined, undefined]);
    await officer.grant({ user: 'ann' }, 'read');
    expect(JSON.parse(await told('team'))).toMatchObject({ known: true, disclosures: [{ act: 'read' }] });
    await officer.revoke({ user: 'ann' });
    expect(await told('team')).toBe(nothing);
  });

  test('S24: looking at it is on record under the pseudonym of the space, allowed and refused alike', async () => {
    const { warden } = await team();
    await warden.audit(ADMIN).reportSpace('team');
    await warden.audit(GRANTER).reportSpace('team');
    await outcome(() => warden.audit(ALICE).reportSpace('team'));
    const records = await warden.audit(ADMIN).query();
    const looks = records.filter(({ act }) => act === 'report');
    expect(looks.map(({ subject, action, outcome: how, rules }) => [subject, action, how, rules.length])).toEqual([
      ['AuditRecord', 'audit', 'allowed', 1],
      ['SharedMemory', 'grant', 'allowed', 1],
      ['AuditRecord', 'audit', 'denied', 0],
    ]);
    const { owner } = records.find(({ action }) => action === 'create')!;
    expect(new Set(looks.map((one) => one.owner))).toEqual(new Set([owner]));
    expect(JSON.stringify(records)).not.toContain('team');
  });

  test('G21: an erasure of a space can first hand out its last report; after it nothing is found, and without it nothing is erased', async () => {
    const { warden, alice, id } = await team({ acts: { wait: () => Promise.resolve() } });
    await alice.get(id);
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    expect(await outcome(() => warden.keys.eraseSpace(ADMIN, 'team', full))).toBe('ENOSPC');
    expect(await alice.get(id)).not.toBeNull();
    const reports: unknown[] = [];
    await warden.keys.eraseSpace(ADMIN, 'team', (report) => void reports.push(report));
    expect(reports).toMatchObject([{ space: 'team', known: true, disclosures: [{ act: 'read' }, { act: 'read' }] }]);
    expect(await warden.audit(ADMIN).reportSpace('team')).toEqual({ space: 'team', known: false, disclosures: [] });
  });
});
