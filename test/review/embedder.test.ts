import '../support/fresh-lmdb.js';
import { expect } from '@jest/globals';
import { afterEach, describe, test } from '@jest/globals';
import { HttpEmbedder } from '../../src/search/embedder/http.js';
import { startEmbeddingServer, type EmbeddingServer } from '../support/embedding-server.js';
import { agentOf, describeOnEachStore, outcome } from '../support/warden.js';

let server: EmbeddingServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describeOnEachStore('A slow embedder', (open) => {
  test('a write waits no longer than writeWaitMs, whoever else waits for the embedder', async () => {
    server = await startEmbeddingServer();
    const { warden } = await open({
      embedder: {
        kind: 'http',
        url: server.url,
        model: 'm',
        disclose: { maxLevel: 'private' },
        writeWaitMs: 300,
        searchWaitMs: 300,
        timeoutMs: 6_000,
      },
    });
    await warden.scope(agentOf('alice'), 'alice').add('a boat');
    server.fault = () => undefined; // never answers
    const mallory = warden.scope(agentOf('mallory'), 'mallory');
    const held = Array.from({ length: 4 }, () => outcome(() => mallory.search('x', { mode: 'semantic' })));
    await new Promise((done) => setTimeout(done, 300));
    const bob = warden.scope(agentOf('bob'), 'bob');
    const began = performance.now();
    await bob.add('a car');
    const wrote = performance.now() - began;
    const again = performance.now();
    await warden
      .scope(agentOf('carol'), 'carol')
      .search('boat', { mode: 'hybrid' })
      .catch(() => undefined);
    const searched = performance.now() - again;
    await Promise.all(held);
    // Less than the embedder's own time-out of 6 s; on a busy machine the rest takes a second or two.
    expect(wrote).toBeLessThan(4_000);
    expect(searched).toBeLessThan(4_000);
  });
});

describe('A hostile answer', () => {
  test('one answer of another length does not refuse all later ones', async () => {
    server = await startEmbeddingServer(8);
    const embedder = new HttpEmbedder({ kind: 'http', url: server.url, model: 'm' });
    server.fault = (response) => response.end(JSON.stringify({ data: [{ index: 0, embedding: [1] }] }));
    await outcome(() => embedder.embed(['a'], 'query'));
    server.fault = undefined;
    // Which of the two is wrong cannot be known; the next ones agree.
    await outcome(() => embedder.embed(['b'], 'query'));
    expect(await outcome(() => embedder.embed(['c'], 'query'))).toHaveLength(1);
    await embedder.close();
  });

  const answers: Record<string, string> = {
    'NaN as text': '{"data":[{"index":0,"embedding":["NaN"]}]}',
    infinite: '{"data":[{"index":0,"embedding":[1e999]}]}',
    null: '{"data":[{"index":0,"embedding":[null]}]}',
    zeros: '{"data":[{"index":0,"embedding":[0,0]}]}',
    empty: '{"data":[{"index":0,"embedding":[]}]}',
    'too long': `{"data":[{"index":0,"embedding":[${'1,'.repeat(8_192)}1]}]}`,
    'too large': `{"data":[${' '.repeat(2_000_000)}]}`,
    deep: '['.repeat(200_000),
    'wrong place': '{"data":[{"index":1,"embedding":[1]}]}',
    proto: '{"data":[{"__proto__":{"embedding":[1]},"index":0}]}',
    'an object with a length': '{"data":{"length":1,"0":{"embedding":[1]}}}',
  };
  test.each(Object.entries(answers))('%s is refused', async (_, body) => {
    server = await startEmbeddingServer(8);
    server.fault = (response) => response.end(body);
    const embedder = new HttpEmbedder({ kind: 'http', url: server.url, model: 'm' });
    expect(await outcome(() => embedder.embed(['a'], 'query'))).toBe('embedder_refused');
    await embedder.close();
  });

  test('a redirect carries no text on', async () => {
    server = await startEmbeddingServer(8);
    const other = await startEmbeddingServer(8);
    for (const status of [301, 302, 303, 307, 308]) {
      server.fault = (response) => response.writeHead(status, { location: other.url }).end();
      const embedder = new HttpEmbedder({ kind: 'http', url: server.url, model: 'm' });
      expect(await outcome(() => embedder.embed(['a'], 'query'))).toBe('embedder_unavailable');
      await embedder.close();
    }
    expect(other.texts).toEqual([]);
    await other.close();
  });

  test.each([
    'http://localhost.evil.example/v1',
    'http://127.0.0.1.evil.example/v1',
    'http://10.0.0.1/v1',
    'http://[::ffff:10.0.0.1]/v1',
    'http://0.0.0.0/v1',
    'https://u:p@h/v1',
    'file:///etc/passwd',
    'ftp://localhost/',
  ])('%s is no address', (url) => {
    expect(() => new HttpEmbedder({ kind: 'http', url, model: 'm' })).toThrow(
      expect.objectContaining({ code: 'config_invalid' }) as unknown as Error,
    );
  });
});
