import { z } from 'zod';
import type { NewCredential } from '../../compliance/credential-admin.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Credential } from '../../model/credential.js';
import { operation, type Operations } from './operation.js';
import { writeOf } from './replays.js';
import { credential, credentialId, newCredential, newKey } from './schemas/credential.js';

const PATH = '/v1/credentials';

/** API keys. */
export const credentialsOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'listCredentials',
    method: 'GET',
    path: PATH,
    tag: 'credentials',
    summary: 'All API keys without their secrets, also the revoked and expired ones.',
    answers: { 200: { description: 'The keys.', schema: z.strictObject({ credentials: z.array(credential) }) } },
    handle: async ({ warden, principal }) => ({ credentials: await warden.credentials.list(principal) }),
  });

  operation(app, parts, {
    id: 'createCredential',
    method: 'POST',
    path: PATH,
    tag: 'credentials',
    summary: 'Makes an API key. It is told this once; a replay answers without it.',
    body: newCredential,
    idempotent: true,
    answers: { 201: { description: 'The key, and what is kept of it.', schema: newKey } },
    problems: ['credential_not_found'],
    async handle(call) {
      const { warden, principal, body, reply } = call;
      const made = await call.idempotency.once<{ key?: string; credential: Credential }>({
        ...writeOf(call),
        async run() {
          const answer = await warden.credentials.create(principal, body as NewCredential);
          return { answer, kept: { ids: [answer.credential.id] } };
        },
        async replay({ ids: [id] }) {
          const all = await warden.credentials.list(principal);
          const found = all.find((one) => one.id === id);
          // It went with the user whom alone it was for.
          if (!found) throw new MemwardenError('credential_not_found');
          return { credential: found };
        },
      });
      return reply.status(201).send(made);
    },
  });

  operation(app, parts, {
    id: 'revokeCredential',
    method: 'DELETE',
    path: `${PATH}/{id}`,
    tag: 'credentials',
    summary: 'Revokes an API key: in force at the next request, in every process.',
    params: credentialId,
    answers: { 200: { description: 'The revoked key.', schema: credential } },
    problems: ['credential_not_found'],
    handle: ({ warden, principal, params }) => warden.credentials.revoke(principal, params.id),
  });
};
