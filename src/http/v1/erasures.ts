import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import { administered } from '../../internals.js';
import type { ErasureCertificate } from '../../model/erasure.js';
import { callerOf } from '../door.js';
import { assertJob, isHeldBy, type JobRow } from '../job-row.js';
import { operation, type Operations } from './operation.js';
import { erasureJob } from './schemas/erasure.js';
import { jobId } from './schemas/export.js';
import { user } from './schemas/memory.js';

const PATH = '/v1/erasures';
const LOCATION = { Location: 'Where the job is looked up.' };

/** Erasing users: jobs, because nobody may hold a key for over a minute before a certificate is signed. */
export const erasuresOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'eraseUser',
    method: 'POST',
    path: '/v1/users/{user}/erase',
    tag: 'erasures',
    summary: 'Erases a user: keys, memories, history. The certificate is there after about a minute.',
    description:
      'The same request goes on with an erasure that was interrupted. Fetch /v1/audit/report first: afterwards nobody can make one.',
    params: user,
    answers: { 202: { description: 'The job.', schema: erasureJob, headers: LOCATION } },
    async handle({ warden, principal, params, request, reply, jobs }) {
      const act = {
        action: 'erase',
        subject: 'User',
        act: 'erase.request',
        owner: params.user,
        changes: false,
      } as const;
      await administered(warden, principal, act, () => Promise.resolve());
      const taken = await jobs.take('erasure', callerOf(request), [params.user]);
      const job = await jobs.run(taken, () => warden.keys.erase(principal, params.user));
      return reply.status(202).header('location', `${PATH}/${job.id}`).send(shownErasure(job));
    },
  });

  operation(app, parts, {
    id: 'getErasure',
    method: 'GET',
    path: `${PATH}/{id}`,
    tag: 'erasures',
    summary: 'How far an erasure is, with the signed certificate when it is done.',
    description: 'Its own credential sees it, and who may list keys.',
    params: jobId,
    answers: { 200: { description: 'The job.', schema: erasureJob } },
    problems: ['job_not_found'],
    async handle({ warden, principal, params, request, jobs }) {
      const job = await jobs.find(params.id);
      if (job?.kind !== 'erasure' || !isHeldBy(job, callerOf(request))) {
        const act = { action: 'list', subject: 'Key', act: 'erasure.job', changes: false } as const;
        try {
          await administered(warden, principal, act, () => Promise.resolve());
        } catch (error) {
          throw isMemwardenError(error, 'forbidden') ? new MemwardenError('job_not_found') : error;
        }
      }
      assertJob(job, 'erasure');
      return shownErasure(job);
    },
  });
};

/** A job that erases, as it is answered. */
export function shownErasure({ id, state, createdAt, endedAt, error, result }: JobRow): object {
  const certificate = result as ErasureCertificate | undefined;
  return {
    id,
    state,
    createdAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(error === undefined ? {} : { error }),
    ...(certificate ? { certificate } : {}),
  };
}
