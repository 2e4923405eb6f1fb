import { z } from 'zod';
import { MemwardenError } from '../../errors/memwarden-error.js';
import type { Page } from '../../guard/read.js';
import type { ListOptions, Selection } from '../../memory/selection.js';
import { assertLetIn } from '../door.js';
import { assertStill, writeOf, type AnyCall } from './replays.js';
import { NDJSON, streamed, wantsStream } from './stream.js';

/** The largest body of a batch, in bytes. */
export const BATCH_BYTES = 16 << 20;
/** What is said of a list that may be streamed. */
export const STREAMED = `With \`Accept: ${NDJSON}\` everything is streamed, a memory a line, whatever \`limit\` says (so many are read at once); an error that comes late is the last line, \`{"error": ...}\`.`;
/** A list as it is answered, described with the schema of its page. */
export const listOf = <S extends z.ZodType>(schema: S) => ({
  description: 'A page, newest first; or all of it as NDJSON, a memory a line.',
  schema,
  types: ['application/json', NDJSON],
});
/** The answer to a deletion of many. */
export const DELETED = { description: 'How many.', schema: z.strictObject({ deleted: z.int().nonnegative() }) };

/** What is listed and deleted from: the memories of a user, or of a space. */
interface Many {
  list(options: ListOptions): Promise<Page<object>>;
  deleteAll(): Promise<number>;
  deleteMany(selection: Selection): Promise<number>;
}

/** A page, or all of it a memory a line. */
export function listed(call: AnyCall, from: Pick<Many, 'list'>, options: ListOptions): unknown {
  const { request, reply } = call;
  void reply.header('vary', 'accept');
  if (!wantsStream(request.headers.accept)) return from.list(options);
  return streamed(reply, from, options, () => assertLetIn(request, call));
}

/** Deletes what a selection names, or with `all` everything. @throws MemwardenError invalid_argument for both at once */
export function deleted(
  call: AnyCall,
  from: Pick<Many, 'deleteAll' | 'deleteMany'>,
  { all, ...selection }: Record<string, unknown>,
): Promise<{ readonly deleted: number }> {
  const isNarrowed = Object.values(selection).some((part) => part !== undefined);
  if (all !== undefined && isNarrowed) throw new MemwardenError('invalid_argument', { argument: 'query.all' });
  return call.idempotency.once({
    ...writeOf(call),
    async run() {
      const count = all === undefined ? await from.deleteMany(selection) : await from.deleteAll();
      return { answer: { deleted: count }, kept: { ids: [], count } };
    },
    replay({ count = 0 }) {
      assertStill(call, 'delete');
      return Promise.resolve({ deleted: count });
    },
  });
}
