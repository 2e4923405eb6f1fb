import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';

/** An embedding service over the real protocol, whose vectors are known: the sum of a vector for each word. */
export interface EmbeddingServer {
  readonly url: string;
  /** Every text that has come, in order. */
  readonly texts: string[];
  /** What it does in the place of its answer, if anything; undefined lets it answer. */
  fault: ((response: ServerResponse, texts: readonly string[]) => unknown) | undefined;
  close(): Promise<void>;
}

/** Starts one on this machine. Words of the same group, joined by `=`, have the same vector. */
export async function startEmbeddingServer(dimension = 8, groups: readonly string[] = []): Promise<EmbeddingServer> {
  const group = new Map(groups.flatMap((words) => words.split('=').map((word) => [word, words] as const)));
  const vector = (text: string) => {
    const sum = new Array<number>(dimension).fill(0);
    for (const word of text.toLowerCase().match(/\w+/g) ?? ['']) {
      const bytes = createHash('sha256')
        .update(group.get(word) ?? word)
        .digest();
      for (let i = 0; i < dimension; i += 1) sum[i] = (sum[i] as number) + bytes.readInt8(i % 32) / 128;
    }
    return sum;
  };
  const texts: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: string[] };
      texts.push(...input);
      if (started.fault) return void started.fault(response, input);
      const data = input.map((text, index) => ({ index, embedding: vector(text) }));
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: EmbeddingServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/embeddings`,
    texts,
    fault: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return started;
}
