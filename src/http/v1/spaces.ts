import { administered } from '../../internals.js';
import type { NewSpace } from '../../memory/shared-space.js';
import { spaceOwner, toSpaceId } from '../../model/space.js';
import { callerOf } from '../door.js';
import { shownErasure } from './erasures.js';
import { operation, type Operations } from './operation.js';
import { erasureJob } from './schemas/erasure.js';
import { pageQuery } from './schemas/selection.js';
import { newSpace, space, spaceGrant, spaceMembers, spacePage, spaceRevocation } from './schemas/space.js';

const PATH = '/v1/spaces/{space}';
const CHANGING = ['not_found', 'conflict', 'erasing', 'epoch_over'] as const;

/** Spaces as a whole: making, listing and erasing them, and who is on their lists. */
export const spacesOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'listSpaces',
    method: 'GET',
    path: '/v1/spaces',
    tag: 'spaces',
    summary:
      'A page of the spaces that the principal reads, ordered by the bytes of their ids; of all, for who may grant.',
    query: pageQuery,
    answers: { 200: { description: 'The spaces.', schema: spacePage } },
    problems: ['invalid_cursor'],
    handle: ({ warden, principal, query: { limit, cursor } }) =>
      warden.spaces(principal, {
        ...(limit === undefined ? {} : { limit }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
  });

  operation(app, parts, {
    id: 'createSpace',
    method: 'POST',
    path: '/v1/spaces',
    tag: 'spaces',
    summary: 'Makes a shared space.',
    body: newSpace,
    answers: {
      201: { description: 'It is made.', schema: spaceMembers, headers: { Location: 'Where its list is.' } },
    },
    problems: ['space_exists', 'erasing', 'epoch_over'],
    async handle({ warden, principal, body: { id, ...made }, reply }) {
      await warden.space(principal, id).create(made as NewSpace);
      const { onErase, members = [] } = made;
      return reply
        .status(201)
        .header('location', `/v1/spaces/${encodeURIComponent(id)}/members`)
        .send({ members, onErase });
    },
  });

  operation(app, parts, {
    id: 'listSpaceMembers',
    method: 'GET',
    path: `${PATH}/members`,
    tag: 'spaces',
    summary: 'Who is on the access list of a space, and its rule.',
    params: space,
    answers: { 200: { description: 'The list.', schema: spaceMembers } },
    problems: ['not_found'],
    handle: ({ space: shared }) => shared.members(),
  });

  operation(app, parts, {
    id: 'grantSpace',
    method: 'POST',
    path: `${PATH}/members`,
    tag: 'spaces',
    summary: 'Lets a member into a space, or changes what it may do.',
    params: space,
    body: spaceGrant,
    answers: { 204: { description: 'It is in force in every process.' } },
    problems: CHANGING,
    async handle({ space: shared, body: { member, access }, reply }) {
      await shared.grant(member, access);
      return reply.status(204).send();
    },
  });

  operation(app, parts, {
    id: 'revokeSpace',
    method: 'POST',
    path: `${PATH}/members/revoke`,
    tag: 'spaces',
    summary: 'Takes a member from the access list of a space.',
    description: 'In force at the next request in every process. Who is not on the list is none already.',
    params: space,
    body: spaceRevocation,
    answers: { 204: { description: 'It is in force in every process.' } },
    problems: CHANGING,
    async handle({ space: shared, body: { member }, reply }) {
      await shared.revoke(member);
      return reply.status(204).send();
    },
  });

  operation(app, parts, {
    id: 'eraseSpace',
    method: 'POST',
    path: `${PATH}/erase`,
    tag: 'spaces',
    summary: 'Erases a space: its keys, memories, history and list. The certificate is there after about a minute.',
    description: 'Fetch /v1/audit/space-report first: afterwards nobody can make one.',
    params: space,
    answers: {
      202: { description: 'The job.', schema: erasureJob, headers: { Location: 'Where the job is looked up.' } },
    },
    problems: ['not_found'],
    async handle({ warden, principal, params, space: shared, request, reply, jobs }) {
      const owner = spaceOwner(toSpaceId(params.space));
      const act = {
        action: 'grant',
        subject: 'SharedMemory',
        act: 'space.erase.request',
        owner,
        changes: false,
      } as const;
      await administered(warden, principal, act, () => Promise.resolve());
      await shared.members();
      const taken = await jobs.take('erasure', callerOf(request), [owner]);
      const job = await jobs.run(taken, () => warden.keys.eraseSpace(principal, params.space));
      return reply.status(202).header('location', `/v1/erasures/${job.id}`).send(shownErasure(job));
    },
  });
};
