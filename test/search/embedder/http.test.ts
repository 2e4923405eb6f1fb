import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpEmbedder } from '../../../src/search/embedder/http.js';
import type { HttpOptions } from '../../../src/config/embedder.js';
import { outcome } from '../../support/warden.js';

interface Seen {
  readonly headers: IncomingMessage['headers'];
  readonly body: { readonly model: string; readonly input: string[]; readonly dimensions?: number };
}
type Reply = (response: ServerResponse, seen: Seen) => unknown;

const CANARY = 'CANARY-4711';
let server: Server;
let base: string;
let seen: Seen[] = [];
let reply: Reply;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'memwarden-key-'));
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (text += part));
    request.on('end', () => {
      const one: Seen = { headers: request.headers, body: JSON.parse(text) };
      seen.push(one);
      if (request.url === '/v1/embeddings' && request.method === 'POST') reply(response, one);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  seen = [];
  reply = (response, { body }) => json(response, { data: rows(body.input) });
});
const opened: HttpEmbedder[] = [];
afterEach(async () => {
  for (const embedder of opened.splice(0)) await embedder.close();
});

function open(options: Partial<HttpOptions> = {}): HttpEmbedder {
  const embedder = new HttpEmbedder({ kind: 'http', url: `${base}/v1/embeddings`, model: 'small', ...options });
  opened.push(embedder);
  return embedder;
}
const json = (response: ServerResponse, body: unknown) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
// A vector that tells which text it is of.
const vector = (text: string) => [3, 4, text.length];
const rows = (texts: readonly string[]) =>
  texts.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) }));
const unit = (text: string) => {
  const length = Math.hypot(...vector(text));
  return Float32Array.from(vector(text), (x) => x / length);
};

describe('a server that speaks /v1/embeddings', () => {
  test('answers vectors of unit length, text by text, whatever the order of its answer', async () => {
    reply = (response, { body }) => json(response, { data: rows(body.input).reverse() });
    const embedder = open();
    expect(await embedder.embed(['a', 'bb', 'ccc'], 'passage')).toEqual(['a', 'bb', 'ccc'].map(unit));
    expect(seen.map(({ body }) => body)).toEqual([
      { model: 'small', input: ['a', 'bb', 'ccc'], encoding_format: 'float' },
    ]);
    expect(embedder.dimension).toBe(3);
  });

  test('one that names no places answers in order', async () => {
    reply = (response, { body }) => json(response, { data: rows(body.input).map(({ embedding }) => ({ embedding })) });
    expect(await open().embed(['a', 'bb'], 'query')).toEqual(['a', 'bb'].map(unit));
  });

  test('gets texts in batches, and a text no longer than it may be, cut between characters', async () => {
    const embedder = open({ batchSize: 2, maxCharacters: 4, prefixes: { passage: 'p: ' } });
    await embedder.embed(['abc😀', 'abcdef', '😀😀😀'], 'passage');
    expect(seen.map(({ body }) => body.input)).toEqual([['p: abc', 'p: abcd'], ['p: 😀😀']]);
  });

  test('can be asked for shorter vectors, under another model id', async () => {
    const embedder = open({ dimension: 3, sendDimension: true });
    await embedder.embed(['a'], 'query');
    expect(seen[0]?.body.dimensions).toBe(3);
    expect(embedder.modelId).not.toBe(open().modelId);
  });

  test('gets the key from the environment or from a file, in a header alone', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, `${CANARY}\n`);
    process.env['MEMWARDEN_TEST_KEY'] = CANARY;
    try {
      await open({ apiKeyEnv: 'MEMWARDEN_TEST_KEY' }).embed(['a'], 'query');
      await open({ apiKeyFile: file }).embed(['a'], 'query');
    } finally {
      delete process.env['MEMWARDEN_TEST_KEY'];
    }
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${CANARY}`, `Bearer ${CANARY}`]);
    expect(JSON.stringify(seen.map(({ body }) => body))).not.toContain(CANARY);
  });

  test.each([
    ['a variable that is not there', { apiKeyEnv: 'MEMWARDEN_TEST_NO_KEY' }],
    ['a file that is not there', { apiKeyFile: '/no/such/file' }],
  ])('%s is an error and no request', async (_, options) => {
    expect(await outcome(() => open(options).embed(['a'], 'query'))).toBe('config_invalid');
    expect(seen).toEqual([]);
  });

  test('a key that would be two headers is an error and no request', async () => {
    const file = join(folder, 'two');
    writeFileSync(file, 'one\r\nx-two: 2');
    expect(await outcome(() => open({ apiKeyFile: file }).embed(['a'], 'query'))).toBe('config_invalid');
    expect(seen).toEqual([]);
  });

  test.each([
    'http://embeddings.example/v1/embeddings',
    'http://127.0.0.1.example/',
    'http://localhost.example/',
    'http://10.0.0.1/',
    'ftp://localhost/',
    'file:///etc/hosts',
    'https://user:password@host.example/',
    'https://host.example/#part',
    'host.example',
    '',
  ])('%j is no address that text is sent to', async (url) => {
    expect(await outcome(async () => open({ url }))).toBe('config_invalid');
  });

  test.each(['https://host.example/v1/embeddings', 'http://localhost:1/', 'http://[::1]:1/', 'http://127.1:1/'])(
    '%j is one',
    (url) => {
      expect(open({ url }).recipient).toBe(new URL(url).origin);
    },
  );
});

describe('S27: an answer that is not right is a typed error, and none of it is kept', () => {
  const of = (data: unknown) => (response: ServerResponse) => json(response, { data });
  const faults: readonly (readonly [string, string, Reply])[] = [
    ['too few vectors', 'embedder_refused', of(rows(['a']))],
    ['too many vectors', 'embedder_refused', of(rows(['a', 'b', 'c']))],
    ['no vectors', 'embedder_refused', of([])],
    ['no data', 'embedder_refused', of(undefined)],
    ['data that is no list', 'embedder_refused', of({ length: 2 })],
    ['a place twice', 'embedder_refused', of([rows(['a'])[0], rows(['b'])[0]])],
    ['a place too far', 'embedder_refused', of(rows(['a', 'b', 'c']).slice(1))],
    ['half a place', 'embedder_refused', of(rows(['a', 'b']).map((row) => ({ ...row, index: row.index / 2 })))],
    ['a place that is text', 'embedder_refused', of(rows(['a', 'b']).map((row) => ({ ...row, index: '0' })))],
    ['one place only', 'embedder_refused', of([{ embedding: [1] }, { index: 0, embedding: [1] }])],
    ['two lengths', 'embedder_refused', of([{ embedding: [1, 2] }, { embedding: [1] }])],
    ['empty vectors', 'embedder_refused', of([{ embedding: [] }, { embedding: [] }])],
    ['vectors of zeros', 'embedder_refused', of([{ embedding: [0, 0] }, { embedding: [0, 1] }])],
    ['text for numbers', 'embedder_refused', of([{ embedding: ['1', '2'] }, { embedding: [1, 2] }])],
    ['null for numbers', 'embedder_refused', of([{ embedding: [null, 2] }, { embedding: [1, 2] }])],
    ['vectors in base64', 'embedder_refused', of([{ embedding: 'AAAA' }, { embedding: 'AAAA' }])],
    ['NaN', 'embedder_refused', (response) => response.end('{"data":[{"embedding":[NaN]},{"embedding":[1]}]}')],
    ['infinity', 'embedder_refused', (response) => response.end('{"data":[{"embedding":[1e999]},{"embedding":[1]}]}')],
    ['no JSON', 'embedder_refused', (response) => response.end(CANARY)],
    ['nothing', 'embedder_refused', (response) => response.end()],
    ['null', 'embedder_refused', (response) => response.end('null')],
    ['status 500', 'embedder_unavailable', (response) => response.writeHead(500).end(CANARY)],
    ['status 401', 'embedder_unavailable', (response) => response.writeHead(401).end(CANARY)],
    ['a connection that falls', 'embedder_unavailable', (response) => response.destroy()],
    ['a body that falls', 'embedder_unavailable', (response) => response.write('{"data":', () => response.destroy())],
    ['no answer', 'embedder_timeout', () => undefined],
    ['a body that stops', 'embedder_timeout', (response) => response.write('{"data":')],
  ];

  test.each(faults)('%s: %s', async (_, code, fault) => {
    reply = fault;
    const embedder = open({ timeoutMs: 1_000 });
    const error = await embedder.embed([`${CANARY} a`, 'b'], 'passage').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(CANARY);
    expect((error as Error).cause).toBeUndefined();
    expect(embedder.dimension).toBeUndefined();
  });

  test('a later answer of another dimension is refused, and so is one that is not the configured one', async () => {
    const embedder = open();
    await embedder.embed(['a'], 'query');
    reply = of([{ embedding: [1, 2] }]);
    expect(await outcome(() => embedder.embed(['a'], 'query'))).toBe('embedder_refused');
    expect(await outcome(() => open({ dimension: 3 }).embed(['a'], 'query'))).toBe('embedder_refused');
  });

  test('a body that does not end is cut off, and no more than its bound is read', async () => {
    let sent = 0;
    const block = Buffer.alloc(64 * 1024, 0x20);
    const ended = new Promise<void>((resolve) => {
      reply = (response) => {
        response.on('close', () => resolve());
        const more = () => {
          if (response.destroyed || sent > 64 * 1024 * 1024) return void response.destroy();
          sent += block.length;
          response.write(block, () => setImmediate(more));
        };
        more();
      };
    });
    expect(await outcome(() => open().embed(['a'], 'query'))).toBe('embedder_refused');
    await ended;
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test('a body that is small until it is unpacked is cut off as well', async () => {
    const body = JSON.stringify({ data: rows(['a']) }) + ' '.repeat(32 * 1024 * 1024);
    const packed = gzipSync(body);
    reply = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    expect(await outcome(() => open().embed(['a'], 'query'))).toBe('embedder_refused');
  });

  test.each([301, 302, 303, 307, 308])('S27: a redirect (%d) is not followed', async (status) => {
    let followed = 0;
    const other = createServer((_, response) => {
      followed += 1;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    reply = (response) => response.writeHead(status, { location }).end();
    const error = await open()
      .embed(['a'], 'query')
      .catch((thrown: unknown) => thrown);
    await new Promise((resolve) => other.close(resolve));
    expect(error).toMatchObject({ code: 'embedder_unavailable', detail: { reason: 'redirect', status } });
    expect([seen.length, followed]).toEqual([1, 0]);
  });

  test('a server that is not there is embedder_unavailable', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/`;
    await new Promise((resolve) => gone.close(resolve));
    expect(await outcome(() => open({ url }).embed(['a'], 'query'))).toBe('embedder_unavailable');
  });

  test('there are all vectors or none: a batch that fails fails the call', async () => {
    reply = (response, { body }) =>
      body.input.includes('c') ? response.writeHead(500).end() : json(response, { data: rows(body.input) });
    expect(await outcome(() => open({ batchSize: 1 }).embed(['a', 'b', 'c', 'd'], 'passage'))).toBe(
      'embedder_unavailable',
    );
    expect(seen).toHaveLength(3);
  });
});

describe('the calls of one embedder', () => {
  test('four at once, and the others after them, none lost', async () => {
    let running = 0;
    let most = 0;
    reply = (response, { body }) => {
      most = Math.max(most, (running += 1));
      setImmediate(() => {
        running -= 1;
        json(response, { data: rows(body.input) });
      });
    };
    const embedder = open();
    const texts = Array.from({ length: 20 }, (_, i) => 'x'.repeat(i + 1));
    const answers = await Promise.all(texts.map((text) => embedder.embed([text], 'query')));
    expect(answers.map(([one]) => one)).toEqual(texts.map(unit));
    expect(most).toBeLessThanOrEqual(4);
    expect(most).toBeGreaterThan(1);
  });

  test('texts beyond the limit are refused while others wait', async () => {
    const embedder = open({ maxWaiting: 3 });
    const first = embedder.embed(['a', 'b'], 'passage');
    expect(await outcome(() => embedder.embed(['c', 'd'], 'passage'))).toBe('embedder_busy');
    expect(await first).toHaveLength(2);
    expect(await embedder.embed(['c', 'd'], 'passage')).toHaveLength(2);
  });

  test('a caller that gives up is answered', async () => {
    const stop = new AbortController();
    reply = () => stop.abort();
    expect(await outcome(() => open().embed(['a'], 'query', stop.signal))).toBe('embedder_timeout');
  });

  test('close ends who waits and is final', async () => {
    const embedder = open();
    const asked = new Promise<void>((resolve) => (reply = () => resolve()));
    const answer = outcome(() => embedder.embed(['a'], 'query'));
    await asked;
    await embedder.close();
    expect(await answer).toBe('closed');
    expect(await outcome(() => embedder.embed(['a'], 'query'))).toBe('closed');
  });
});
