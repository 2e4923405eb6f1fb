import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { administered, policySetOf } from '../../internals.js';
import { definedIn } from '../../model/bare.js';
import { toPrincipal } from '../../model/principal.js';
import { matrixOf, type Matrix } from '../../workbench/matrix.js';
import { askCase } from '../../workbench/one-case.js';
import { operation, type Operations } from './operation.js';
import { caseBody, caseResults, matrix, toRecord } from './schemas/policy.js';

const READ = { action: 'read', subject: 'Policy', changes: false } as const;
const EXPLAIN = { action: 'explain', subject: 'Policy', changes: false } as const;
const HOUR = 3_600_000;

/** The policies in force. */
export const policyOperations: Operations = (app, parts) => {
  let kept: { readonly key: string; readonly matrix: Promise<Matrix> } | undefined;

  operation(app, parts, {
    id: 'policyRevision',
    method: 'GET',
    path: '/v1/policy',
    tag: 'policy',
    summary: 'The revision of the policies in force.',
    answers: {
      200: {
        description: 'SHA-256 of the policies, and whether their last reload did well.',
        schema: z.strictObject({ revision: z.string(), current: z.boolean() }),
      },
    },
    handle: ({ warden, principal }) =>
      administered(warden, principal, { ...READ, act: 'policy.revision' }, () =>
        Promise.resolve({ revision: warden.policyRevision, current: warden.ready }),
      ),
  });

  operation(app, parts, {
    id: 'policyMatrix',
    method: 'GET',
    path: '/v1/policy/matrix',
    tag: 'policy',
    summary: 'What each role may do to what, as the policies in force decide it.',
    description: 'Where rules have time limits it holds for the hour of the request.',
    answers: { 200: { description: 'The matrix.', schema: matrix } },
    handle: ({ warden, principal, services }) =>
      administered(warden, principal, { ...READ, act: 'policy.matrix' }, () => {
        const set = policySetOf(warden);
        const at = new Date(Math.floor(services.clock().getTime() / HOUR) * HOUR);
        const key = `${set.revision} ${at.getTime()}`;
        if (kept?.key !== key) {
          const roles = [...set.roles.values()].map((policy) => ({ policy, written: {} }));
          kept = { key, matrix: matrixOf({ set, roles }, at) };
        }
        return kept.matrix;
      }),
  });

  operation(app, parts, {
    id: 'testPolicy',
    method: 'POST',
    path: '/v1/policy/test',
    tag: 'policy',
    summary: 'Asks the policies in force about one principal and one record, which are made up.',
    description: 'With `expect` it says whether exactly these actions are allowed. Nothing stored is looked at.',
    body: caseBody,
    answers: { 200: { description: 'What each action is answered.', schema: caseResults } },
    handle: ({ warden, principal, body, services }) =>
      administered(warden, principal, { ...EXPLAIN, act: 'policy.test' }, async () => {
        const { subject = 'Memory', expect } = body;
        const at = body.at ?? services.clock();
        const asker = toPrincipal({ id: 'somebody', ...definedIn(body.principal) });
        const set = policySetOf(warden);
        const results = await askCase(set, { principal: asker, subject, record: toRecord(body.record), at });
        if (!results) throw new MemwardenError('invalid_principal', { argument: 'attributes' });
        const allowed = results.flatMap((one) => (one.allowed ? [one.action] : []));
        const passed = expect && sameSet(expect, allowed);
        return { revision: set.revision, results, ...(passed === undefined ? {} : { passed }) };
      }),
  });
};

function sameSet(some: readonly string[], others: readonly string[]): boolean {
  return new Set(some).size === others.length && some.every((one) => others.includes(one));
}
