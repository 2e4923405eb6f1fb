import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { described } from './document.js';
import { addOperations } from './operations.js';
import type { V1Parts } from './operation.js';

/** The description of the HTTP API (OpenAPI 3.1), made of the schemas that check its requests. It asks for no warden. */
export async function openApiDocument(): Promise<object> {
  const app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await described(app);
  // Operations take their parts apart when they are called, and none is.
  addOperations(app, () => ({}) as V1Parts);
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
