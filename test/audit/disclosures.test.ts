import { expect, test } from '@jest/globals';
import { disclosedBy } from '../../src/compliance/operated.js';
import { formatOf, formatReport, REPORT_FORMATS } from '../../src/compliance/report-formats.js';
import type { DisclosureReport } from '../../src/compliance/disclosures.js';
import { toSettings } from '../../src/config/options.js';
import { Alarms } from '../../src/metrics/alarms.js';
import type { AuditStorage } from '../../src/model/audit-storage.js';
import type { AuditEntry } from '../../src/model/auditor.js';
import type { MemoryRecord } from '../../src/model/fields.js';
import { auditOf } from '../../src/wiring/audit.js';
import { ADMIN, agentOf, describeOnEachStore, outcome, type Opened } from '../support/warden.js';

const EMBEDDER = 'https://embeddings.example';

async function auditorOn({ driver, keys, place }: Opened) {
  const settings = toSettings({ store: place.store, keys: place.keys });
  return auditOf(settings, driver, keys, new Alarms());
}

const recordOf = (id: string, sensitivity: MemoryRecord['sensitivity']) => ({ id, sensitivity }) as MemoryRecord;

describeOnEachStore('S27: text that leaves', (open) => {
  test('S27, G24: what was sent to a service outside is a row of the report with that service as the recipient', async () => {
    const opened = await open();
    const { warden } = opened;
    await warden.scope(ADMIN, 'alice').add('x');
    const keeper = await auditorOn(opened);
    const tell = disclosedBy(keeper.auditor, () => 'revision');
    const records = [recordOf('a', 'public'), recordOf('b', 'private')];
    await tell({ owner: 'alice', recipient: EMBEDDER, act: 'embed', records });
    await tell({ owner: 'bob', recipient: EMBEDDER, act: 'embed', records });
    const entry: Omit<AuditEntry, 'phase' | 'outcome'> = {
      principal: agentOf('alice'),
      owner: 'alice',
      action: 'create',
      subject: 'Memory',
      ids: ['c'],
      levels: { private: 1 },
      recipient: EMBEDDER,
      revision: 'revision',
    };
    // A change that failed after its text had gone: told once, by its result.
    const intent = await keeper.auditor.record({ ...entry, phase: 'intent', outcome: 'allowed' });
    await keeper.auditor.record({ ...entry, phase: 'result', outcome: 'failed', intent: intent!.event });
    const query = { ...entry, action: 'read', act: 'embed.query', ids: [], levels: {} } as const;
    await keeper.auditor.record({ ...query, phase: 'read', outcome: 'allowed' });
    const report = await warden.audit(ADMIN).report('alice');
    expect(report.disclosures).toMatchObject([
      { recipient: EMBEDDER, askedBy: 'operator', act: 'embed', kinds: { public: 1, private: 1 }, count: 2 },
      { recipient: EMBEDDER, askedBy: 'bot', act: 'create', kinds: { private: 1 }, count: 1 },
      { recipient: EMBEDDER, askedBy: 'bot', act: 'embed.query', kinds: {}, count: 0 },
    ]);
    for (const format of REPORT_FORMATS) expect(formatReport(report, format)).toContain('embeddings.example');
    await keeper.close();
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true });
  });

  test('S27: nothing may be sent that is not on record', async () => {
    const opened = await open({ audit: { timeoutMs: 3_000 } });
    const { audit } = opened.driver;
    const down: AuditStorage = {
      append: () => Promise.reject(new Error('down')),
      streams: () => audit.streams(),
      groups: (stream, from) => audit.groups(stream, from),
      last: (stream) => audit.last(stream),
      removeStream: (stream) => audit.removeStream(stream),
    };
    const keeper = await auditorOn({ ...opened, driver: { ...opened.driver, audit: down } });
    const tell = disclosedBy(keeper.auditor, () => 'revision');
    const sending = { owner: 'alice', recipient: EMBEDDER, act: 'embed', records: [recordOf('a', 'public')] } as const;
    expect(await outcome(() => tell(sending))).toBe('audit_unavailable');
    await keeper.close();
  });
});

describeOnEachStore('S26: the last report', (open) => {
  test('S26, G24: an erase can first hand out the last disclosure report; without it nothing is erased', async () => {
    const { warden } = await open({ acts: { wait: async () => undefined } });
    const { id } = await warden.scope(ADMIN, 'alice').add('x');
    await warden.scope(agentOf('alice'), 'alice').get(id);
    await warden.scope(agentOf('alice'), 'alice').search('x');
    const full = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    expect(await outcome(() => warden.keys.erase(ADMIN, 'alice', full))).toBe('ENOSPC');
    expect(await warden.scope(ADMIN, 'alice').get(id)).not.toBeNull();
    const reports: DisclosureReport[] = [];
    await warden.keys.erase(ADMIN, 'alice', (report) => void reports.push(report));
    expect(reports).toMatchObject([
      {
        userId: 'alice',
        known: true,
        disclosures: [
          { recipient: 'bot', act: 'read', count: 1 },
          { recipient: 'bot', act: 'search', count: 1 },
          { recipient: ADMIN.id, act: 'read', count: 1 },
        ],
      },
    ]);
    expect(await warden.audit(ADMIN).report('alice')).toMatchObject({ known: false, disclosures: [] });
    // Who may not look at the log gets no report, and erases nothing by asking for one.
    await warden.scope(ADMIN, 'bob').add('y');
    expect(await outcome(() => warden.keys.erase(agentOf('bob'), 'bob', () => undefined))).toBe('forbidden');
    expect(await warden.audit(ADMIN).verify()).toMatchObject({ ok: true, openIntents: [] });
  });
});

test('the form of a report file is that of its name', () => {
  const names = ['a.csv', 'a.JSON', 'dir.csv/report', 'a.html', 'a.txt', ''];
  expect(names.map(formatOf)).toEqual(['csv', 'json', 'text', 'html', 'text', 'text']);
});
