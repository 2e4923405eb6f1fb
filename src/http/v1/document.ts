import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { ON_BEHALF_OF, PURPOSE } from '../door.js';

const DESCRIPTION = `Memories of many users, behind policies. Every answer is what the policies let the caller see; what is absent and what is
forbidden answer the same, byte for byte.

Send \`Authorization: Bearer <key>\`. A credential that may act for several users acts for the one that the path names;
\`${ON_BEHALF_OF}\` names another of its users, \`${PURPOSE}\` one of its purposes. Errors are problem+json (RFC 9457) with a
stable \`code\`.`;

/** What is described beside the operations. */
export const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'memwarden',
    version: '1',
    description: DESCRIPTION,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ key: [] }],
  components: {
    securitySchemes: {
      key: {
        type: 'http' as const,
        scheme: 'bearer',
        description: 'An API key of `memwarden credentials create`, or a token (JWT).',
      },
    },
  },
};

/** Has the operations of an instance described by the schemas that check them. */
export async function described(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: ABOUT,
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}
