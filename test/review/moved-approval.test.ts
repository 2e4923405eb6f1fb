import { expect, test } from '@jest/globals';
import type { ExportOptions, MemwardenError } from '../../src/index.js';
import { noteName } from '../../src/compliance/sealed-note.js';
import { insideTenants } from '../../src/tenants/tenants.js';
import { insideOf } from '../../src/warden.js';
import { outIn } from '../compliance/export/support.js';
import { adminIn, agentIn, describeTenants, OPERATOR } from '../support/tenants.js';
import { policyFolder } from '../support/warden.js';

const COURIER = { id: 'courier', role: 'courier' } as const;
const policies = await policyFolder({
  courier: `rules:
  - { id: courier-lists, action: list, subject: User, reason: r }
  - { id: out, action: [read, export], subject: Memory, requires_approval: { over_users: 1 }, reason: r }
`,
});
const LATER = new Date('2100-01-01');

describeTenants(
  'G12: an approval of one tenant',
  (open) => {
    test('approves nothing in another that it is moved to by hand', async () => {
      const { tenants } = await open({ warden: { policies } as never });
      for (const tenant of ['acme', 'beta']) {
        await tenants.create(OPERATOR, tenant);
        for (const user of ['alice', 'bob'])
          await tenants.use(agentIn(tenant, user), (warden, who) => warden.scope(who, user).add(`of ${tenant}`));
      }
      const ask = (tenant: string, options: Partial<ExportOptions> = {}) =>
        tenants
          .use({ ...COURIER, tenant }, (warden, who) =>
            warden.export(who, { users: 'all', ...options, out: outIn() } as ExportOptions),
          )
          .then(
            () => ({ code: 'done', detail: {} as MemwardenError['detail'] }),
            (error: unknown) => error as MemwardenError,
          );
      const asked = await ask('acme');
      expect(asked.code).toBe('approval_required');
      const approval = String(asked.detail['id']);
      await tenants.use(adminIn('acme'), (warden, who) => warden.exportApprovals.approve(who, approval));
      const { shared } = insideOf(insideTenants(tenants).deployment).parts;
      for (const kind of ['request', 'approval'] as const) {
        const name = noteName(kind, approval);
        const row = await shared!.driver.service.bound(`t:acme:${name}`);
        expect(typeof row).toBe('string');
        await shared!.driver.service.bound(`t:beta:${name}`, row, LATER);
      }
      expect((await ask('beta', { approval })).code).toBe('unauthentic');
      expect((await ask('acme', { approval })).code).toBe('done');
    });
  },
  ['shared'],
);
