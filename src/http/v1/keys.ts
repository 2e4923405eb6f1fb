import { z } from 'zod';
import { operation, type Operations } from './operation.js';

const count = z.int().nonnegative();
const counts = z.record(z.string(), count);
const status = z
  .strictObject({
    users: count,
    versions: counts,
    retiring: count,
    rowsLeft: count,
    ownerHeld: count,
    erasing: count,
    kekId: z.string(),
    wrappedUnder: counts,
  })
  .meta({
    id: 'KeyStatus',
    description: 'Users by the number of their key versions, and keys by what they are wrapped under.',
  });
const jwks = z
  .strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        kid: z.string(),
        x: z.string(),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  })
  .meta({ id: 'PublicKeys', description: 'A JWKS (RFC 7517).' });

/** The state of the keys; nothing here changes one. */
export const keysOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'keyStatus',
    method: 'GET',
    path: '/v1/keys',
    tag: 'keys',
    summary: 'The state of the keys of all users, in numbers.',
    answers: { 200: { description: 'The state.', schema: status } },
    handle: ({ warden, principal }) => warden.keys.status(principal),
  });

  operation(app, parts, {
    id: 'publicKeys',
    method: 'GET',
    path: '/v1/keys/public',
    tag: 'keys',
    summary: 'The public keys that certificates, manifests and checkpoints are checked with.',
    answers: { 200: { description: 'The keys.', schema: jwks } },
    handle: ({ warden }) => warden.keys.publicKeys(),
  });
};
