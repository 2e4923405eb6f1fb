import { refused } from './vectors-of.js';

const FRAME = 64 * 1024;
// 8,192 numbers of up to 24 characters.
const PER_VECTOR = 200 * 1024;

/**
 * Reads the body of an answer, as long as it is no longer than one with that many vectors can be. Bytes are counted as
 * they come, after unpacking, whatever the header says.
 *
 * @throws MemwardenError embedder_refused
 */
export async function readBounded(response: Response, vectors: number): Promise<string> {
  const limit = FRAME + vectors * PER_VECTOR;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an error cancels the body.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw refused('form');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
