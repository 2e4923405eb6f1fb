import type { ErrorRow } from './row.js';

/** Errors of acts that go over many users, and of those on a shared space as a whole. */
export const JOB_ROWS = {
  job_taken: {
    status: 409,
    exit: 5,
    message: 'Another run of this job has begun, and goes on with it.',
    remedy: 'Leave the job to that run, or end it and run this one again; what is done is done.',
  },
  space_exists: {
    status: 409,
    exit: 5,
    message: 'There is a space of this name.',
    remedy: 'Choose another name, or use the space that is there.',
  },
} as const satisfies Record<string, ErrorRow>;
