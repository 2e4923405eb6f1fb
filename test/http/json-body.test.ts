import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { takeJson } from '../../src/http/json-body.js';

test.each([
  ['{"a":', 'not JSON'],
  ['{"a":1,"a":2}', 'a key twice'],
  ['[[[[1]]]]', 'nested deeper than 3'],
  ['{"__proto__":{"a":1}}', 'a key that is not taken: __proto__, or constructor with a prototype'],
])('a body is refused with the one reason that holds: %s', async (payload, reason) => {
  const app = fastify();
  takeJson(app, 3);
  app.post('/', () => 'taken');
  app.setErrorHandler((error, _, reply) => reply.send(isMemwardenError(error) ? error.detail : {}));
  const answer = await app.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/json' },
    payload,
  });
  expect(answer.json()).toEqual({ reason });
  await app.close();
});
