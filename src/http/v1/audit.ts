import { z } from 'zod';
import { definedIn } from '../../model/bare.js';
import { operation, type Operations } from './operation.js';
import { auditQuery, auditRecords, disclosureReport, reportQuery } from './schemas/audit.js';

/** The audit log. */
export const auditOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'queryAudit',
    method: 'GET',
    path: '/v1/audit/records',
    tag: 'audit',
    summary: 'The newest records of a selection, oldest first.',
    query: auditQuery,
    answers: { 200: { description: 'The records.', schema: z.strictObject({ records: auditRecords }) } },
    handle: async ({ warden, principal, query }) => ({
      records: await warden.audit(principal).query(definedIn(query)),
    }),
  });

  operation(app, parts, {
    id: 'reportDisclosures',
    method: 'GET',
    path: '/v1/audit/report',
    tag: 'audit',
    summary: "Accounting of disclosures: every release of a user's memories.",
    query: reportQuery,
    answers: { 200: { description: 'The disclosures, oldest first.', schema: disclosureReport } },
    handle: ({ warden, principal, query: { user, ...period } }) =>
      warden.audit(principal).report(user, definedIn(period)),
  });
};
