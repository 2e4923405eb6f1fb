import { z } from 'zod';
import { definedIn } from '../../model/bare.js';
import { operation, type Operations } from './operation.js';
import {
  auditQuery,
  auditRecords,
  disclosureReport,
  reportQuery,
  spaceDisclosureReport,
  spaceReportQuery,
} from './schemas/audit.js';

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

  operation(app, parts, {
    id: 'reportSpaceDisclosures',
    method: 'GET',
    path: '/v1/audit/space-report',
    tag: 'audit',
    summary: 'Accounting of disclosures: every release of the memories of a shared space.',
    description:
      'For who may grant, and for who may look at the log; who may not grant is answered of a space whose list does not let it read as of one that is not there.',
    query: spaceReportQuery,
    answers: { 200: { description: 'The disclosures, oldest first.', schema: spaceDisclosureReport } },
    handle: ({ warden, principal, query: { space, ...period } }) =>
      warden.audit(principal).reportSpace(space, definedIn(period)),
  });
};
