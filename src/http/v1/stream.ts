import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { ListOptions } from '../../memory/selection.js';
import type { Page } from '../../guard/read.js';
import { toKnown, toProblem } from '../problem.js';

/** The media type of a memory a line. */
export const NDJSON = 'application/x-ndjson';
// What is held at once: so many memories.
const AT_ONCE = 100;

/** Whether a request asks for a stream. */
export function wantsStream(accept: string | undefined): boolean {
  return accept?.split(',').some((one) => one.split(';', 1)[0]?.trim().toLowerCase() === NDJSON) ?? false;
}

/**
 * Answers with a whole list, a memory a line. A page is read, and is on record, when the one before it has been taken, and
 * the credential is checked anew before each; an error on the first page is an answer like any other, a later one is the
 * last line.
 *
 * @param options `limit` is how many are read at once, `cursor` where to begin
 * @param authenticate checks the credential of the request; what it throws ends the stream
 */
export async function streamed(
  reply: FastifyReply,
  memory: { list(options: ListOptions): Promise<Page<object>> },
  { limit = AT_ONCE, cursor, ...selection }: ListOptions,
  authenticate: () => Promise<unknown>,
): Promise<FastifyReply> {
  const read = (from: string | undefined): Promise<Page<object>> =>
    memory.list({ ...selection, limit: Math.min(limit, AT_ONCE), ...(from === undefined ? {} : { cursor: from }) });
  const further = async (from: string): Promise<Page<object>> => {
    await authenticate();
    return read(from);
  };
  const first = await read(cursor);
  return reply.type(NDJSON).send(Readable.from(lines(first, further), { objectMode: false, highWaterMark: 1 }));
}

/**
 * Hands out bytes, a chunk when the one before it has been taken, and the credential checked anew before each. What either
 * throws cuts the answer off: the connection is closed before as many bytes have come as were announced.
 */
export function handedOut(bytes: AsyncIterable<Buffer>, authenticate: () => Promise<unknown>): Readable {
  return Readable.from(checked(bytes, authenticate), { objectMode: false, highWaterMark: 1 });
}

async function* checked(bytes: AsyncIterable<Buffer>, authenticate: () => Promise<unknown>): AsyncGenerator<Buffer> {
  await authenticate();
  for await (const chunk of bytes) {
    yield chunk;
    await authenticate();
  }
}

async function* lines(
  first: Page<object>,
  read: (cursor: string) => Promise<Page<object>>,
): AsyncGenerator<string, void, undefined> {
  for (let page = first; ;) {
    yield page.memories.map((one) => `${JSON.stringify(one)}\n`).join('');
    if (page.cursor === undefined) return;
    try {
      page = await read(page.cursor);
    } catch (error) {
      yield `${JSON.stringify({ error: toProblem(toKnown(error)) })}\n`;
      return;
    }
  }
}
