import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import { newId } from '../model/id.js';
import type { DoorParts, DoorPlugin } from './door.js';
import { sendProblem } from './problem.js';

const BODY_LIMIT = 1_048_576;
// 256 code points of four bytes, each byte written out.
const LONGEST_PARAMETER = 256 * 4 * 3;

/**
 * The server with its doors, not yet listening.
 *
 * @param doors registered in their order, each in an instance of its own
 */
export async function buildServer(parts: DoorParts, doors: readonly DoorPlugin[]): Promise<FastifyInstance> {
  const app = Fastify({
    genReqId: () => newId(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    bodyLimit: BODY_LIMIT,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    logger: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('caller', null);
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) => sendProblem(new MemwardenError('route_not_found'), request, reply));
  for (const door of doors) await app.register(async (instance) => door(instance, parts));
  return app;
}
