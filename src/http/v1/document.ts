import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { ON_BEHALF_OF, PURPOSE } from '../door.js';
import { withSharedAnswers } from './shared-answers.js';

const DESCRIPTION = `Memories of many users, behind policies. Every answer is what the policies let the caller see; what is absent and what is
forbidden answer the same, byte for byte.

Send \`Authorization: Bearer <key>\`. A credential that may act for several users acts for the one that the path names;
\`${ON_BEHALF_OF}\` names another of its users, \`${PURPOSE}\` one of its purposes. Errors are problem+json (RFC 9457) with a
stable \`code\`.`;

const ABOUT = {
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

interface DescribedResponse {
  readonly description: string;
  readonly content?: object;
  readonly 'x-headers'?: Readonly<Record<string, string>>;
}

/** Has the operations of an instance described by the schemas that check them. */
export async function described(app: FastifyInstance): Promise<void> {
  await app.register(swagger, { openapi: ABOUT, transform, transformObject });
}

// Answers without a body, and headers of requests and answers, which are described but not what requests are checked by.
const transform: SwaggerTransform<FastifySchema & { hide?: boolean }> = (route) => {
  const { schema, url } = route;
  const responses = Object.entries((schema.response ?? {}) as Record<string, DescribedResponse>);
  const withBody = responses.filter(([, { content }]) => content);
  const { schema: made } = jsonSchemaTransform({
    ...route,
    schema: { ...schema, response: Object.fromEntries(withBody) },
  }) as { schema: { response?: Record<string, object>; headers?: object } };
  const answers = responses.map(([status, { description, 'x-headers': headers }]) => [
    status,
    {
      ...(made.response?.[status] ?? { description, type: 'null' }),
      ...(headers ? { headers: headersOf(headers) } : {}),
    },
  ]);
  const { headers } = route.route.config ?? {};
  return {
    url,
    schema: {
      ...made,
      ...(headers && Object.keys(headers).length > 0
        ? { headers: { type: 'object', properties: headersOf(headers) } }
        : {}),
      ...(answers.length > 0 ? { response: Object.fromEntries(answers) as object } : {}),
    },
  };
};

function headersOf(headers: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { type: 'string', description }]),
  );
}

const REFERENCE = '#/components/schemas/';

// Every schema is there as it goes in and as it comes out; what nothing refers to is left out, and what only goes in has
// the plain name.
const transformObject: SwaggerTransformObject = (given) => {
  const document = jsonSchemaTransformObject(given) as {
    paths?: object;
    components: { schemas: Record<string, object> };
  };
  const { schemas } = document.components;
  const used = new Set<string>();
  const follow = (value: unknown): void => {
    for (const name of referencesIn(value)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name]);
    }
  };
  follow(document.paths);
  const nameOf = (name: string): string => {
    const plain = name.endsWith('Input') ? name.slice(0, -'Input'.length) : name;
    return used.has(plain) ? name : plain;
  };
  const kept = [...used].sort().map((name) => [nameOf(name), schemas[name]]);
  const whole = {
    ...document,
    components: { ...document.components, schemas: Object.fromEntries(kept) as Record<string, object> },
  };
  const named = JSON.stringify(whole, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(REFERENCE)
      ? `${REFERENCE}${nameOf(value.slice(REFERENCE.length))}`
      : value,
  );
  return withSharedAnswers(JSON.parse(named) as ReturnType<SwaggerTransformObject>);
};

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
    key === '$ref' && typeof one === 'string' ? [one.slice(REFERENCE.length)] : referencesIn(one),
  );
}
