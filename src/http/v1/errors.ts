import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { toKnown } from '../problem.js';

// Below these the caller's own names begin, and they are content.
const OPEN = new Set(['metadata', 'attributes', 'record']);
const PLACE = /^[A-Za-z0-9]{1,32}$/;

/** Any error of this door as one of the table. What did not fit its schema is named by its place, never by its value. */
export function toV1Error(error: unknown): MemwardenError {
  if (!hasZodFastifySchemaValidationErrors(error)) return toKnown(error);
  const { validation, validationContext } = error as unknown as FastifyError;
  const [first] = validation ?? [];
  const path = first?.instancePath.split('/').filter((part) => part !== '') ?? [];
  const open = path.findIndex((part) => OPEN.has(part));
  const shown = (open === -1 ? path : path.slice(0, open + 1)).filter((part) => PLACE.test(part));
  const unknown = first?.keyword === 'unrecognized_keys' ? { unknown_keys: true } : {};
  return new MemwardenError('invalid_argument', {
    argument: [validationContext ?? 'body', ...shown].join('.'),
    ...unknown,
  });
}
