import type { ErrorRow } from './row.js';

/** Errors of acts that go over many users. */
export const JOB_ROWS = {
  job_taken: {
    status: 409,
    exit: 5,
    message: 'Another run of this job has begun, and goes on with it.',
    remedy: 'Leave the job to that run, or end it and run this one again; what is done is done.',
  },
} as const satisfies Record<string, ErrorRow>;
