import { z } from 'zod';
import { operation, type Operations } from './operation.js';
import { time } from './schemas/memory.js';
import { pageQuery } from './schemas/selection.js';

const users = z
  .strictObject({
    users: z.array(z.strictObject({ userId: z.string(), createdAt: time })),
    cursor: z.string().optional(),
  })
  .meta({ id: 'UserPage' });

/** The users that memories are kept of. */
export const usersOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'listUsers',
    method: 'GET',
    path: '/v1/users',
    tag: 'users',
    summary: 'A page of the users that memories are kept of, ordered by the bytes of their ids.',
    query: pageQuery,
    answers: { 200: { description: 'The users.', schema: users } },
    problems: ['invalid_cursor'],
    handle: ({ warden, principal, query: { limit, cursor } }) =>
      warden.users(principal, {
        ...(limit === undefined ? {} : { limit }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
  });
};
