import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { limitsSchema } from '../../../src/config/serve/limits.js';
import { principalOf, requireCaller, type DoorPlugin } from '../../../src/http/door.js';
import { buildServer } from '../../../src/http/server.js';
import { authenticating } from '../../../src/identity/authenticate.js';
import { servicesOf } from '../../../src/internals.js';
import { serve, type Served } from '../../support/server.js';
import { answersIn, hear, open, problemOf, say, type Answer } from './socket.js';

// A door that tells what has come through.
const echo: DoorPlugin = (app, parts) => {
  app.get('/users/:user/name', (request) => ({ user: (request.params as { user: string }).user }));
  app.post('/echo', (request) => ({ body: request.body ?? null }));
  app.put('/echo', () => ({}));
  app.get('/fails', () => {
    throw new Error('the password is swordfish');
  });
  app.register((own, _options, done) => {
    requireCaller(own, parts);
    own.get('/whoami', (request) => principalOf(request, 'http'));
    own.post('/remember', async (request) => {
      const { id } = await parts.warden.scope(principalOf(request, 'http', 'alice'), 'alice').add('a text');
      return { id };
    });
    done();
  });
};

const limits = limitsSchema.parse({
  bodyBytes: 4_096,
  headerBytes: 2_048,
  jsonDepth: 20,
  headersTimeoutMs: 1_000,
  requestTimeoutMs: 2_000,
  keepAliveMs: 2_000,
  maxConnections: 1_200,
});

/** The long form: MEMWARDEN_TEST_CONNECTIONS=10000 npm test -- test/http/serve/abuse.test.ts */
const CONNECTIONS = Number(process.env['MEMWARDEN_TEST_CONNECTIONS'] ?? 1_000);

describe('Protocol abuse', () => {
  let served: Served;
  let app: Awaited<ReturnType<typeof buildServer>>;
  let url: string;

  beforeAll(async () => {
    served = await serve([]);
    const services = servicesOf(served.warden);
    const parts = { warden: served.warden, services, authenticate: authenticating(services.apiKeys) };
    app = await buildServer(parts, [echo], { limits });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await app.close();
    await served.close();
  });
  // Whatever came, the server is there afterwards and holds no connection.
  afterEach(async () => {
    expect((await fetch(`${url}/users/alice/name`, { headers: { connection: 'close' } })).status).toBe(200);
    await untilNone();
  });

  const connections = () =>
    new Promise<number>((resolve, reject) =>
      app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  async function untilNone(): Promise<void> {
    for (let tried = 0; tried < 200 && (await connections()) > 0; tried += 1)
      await new Promise((done) => setTimeout(done, 20));
    expect(await connections()).toBe(0);
  }

  const post = (body: string | Buffer, headers: Record<string, string> = {}) => {
    const fields = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    return say(url, `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines.join('')}\r\n`, body);
  };
  const only = (answers: readonly Answer[]): Answer => {
    expect(answers).toHaveLength(1);
    return answers[0] as Answer;
  };
  const refused = async (said: ReturnType<typeof say>) => problemOf(only(answersIn((await said).text)));

  test('a body that ends before its length is no request', async () => {
    const socket = await open(url);
    const heard = hear(socket);
    socket.end('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a":');
    expect(problemOf(only(answersIn((await heard).text)))).toEqual([400, 'request_malformed']);
  });

  test('a body over the limit is refused by its length, and counted where it has none', async () => {
    expect(await refused(post('', { 'content-length': '100000000' }))).toEqual([413, 'body_too_large']);
    const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`;
    const head =
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
    const { text } = await say(url, head, ...Array.from({ length: 8 }, () => chunk));
    expect(problemOf(only(answersIn(text)))).toEqual([413, 'body_too_large']);
    const { body } = only(answersIn(text));
    expect(JSON.parse(body)).toMatchObject({ about: { limit: 4_096 } });
    const within = JSON.stringify('x'.repeat(4_094));
    expect(only(answersIn((await post(within)).text)).status).toBe(200);
  });

  test('headers that do not come are a time-out', async () => {
    const socket = await open(url);
    const heard = hear(socket);
    socket.write('GET /users/alice/name HTTP/1.1\r\nhost: x\r\nx-slow: ');
    expect(problemOf(only(answersIn((await heard).text)))).toEqual([408, 'request_timeout']);
  });

  test('a body that drips is a time-out, though bytes come all the time', async () => {
    const socket = await open(url);
    const heard = hear(socket);
    socket.write('POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n');
    const dripping = setInterval(() => socket.writable && socket.write(' '), 50);
    const { text } = await heard;
    clearInterval(dripping);
    expect(problemOf(only(answersIn(text)))).toEqual([408, 'request_timeout']);
  });

  test.each([
    ['a lone byte of continuation', Buffer.from([0x22, 0x80, 0x22])],
    ['a sequence that is too long', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a sequence that ends too early', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ])('bytes that are not UTF-8 are refused: %s', async (_name, bytes) => {
    expect(await refused(post(bytes))).toEqual([400, 'request_malformed']);
  });

  test('JSON that is nested too deep is refused, however deep, and within the limit it is taken', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(await refused(post(nested(21)))).toEqual([400, 'request_malformed']);
    expect(await refused(post('['.repeat(4_000)))).toEqual([400, 'request_malformed']);
    expect(await refused(post(`${'{"a":'.repeat(700)}1${'}'.repeat(700)}`.slice(0, 4_000)))).toEqual([
      400,
      'request_malformed',
    ]);
    expect(only(answersIn((await post(nested(20))).text)).status).toBe(200);
  });

  test.each([
    '{"user_id":"alice","user_id":"bob"}',
    '{"a":{"b":1,"c":2,"b":3}}',
    '[{"a":1},{"a":1,"\\u0061":2}]',
    '{"a" : 1 , "a" : 1}',
    '{"x":"\\"}{","x":1}',
  ])('G4: a key twice is refused: %s', async (body) => {
    expect(await refused(post(body))).toEqual([400, 'request_malformed']);
  });

  test('a key that another object has too, or that stands in a text, is taken', async () => {
    const body = '{"a":{"b":1},"b":[{"a":1},{"a":2}],"c":"\\"a\\":1,\\"a\\":2"}';
    const { status, body: back } = only(answersIn((await post(body)).text));
    expect([status, JSON.parse(back)]).toEqual([200, { body: JSON.parse(body) }]);
  });

  test.each([
    '{"__proto__":{"role":"admin"}}',
    '{"a":[{"\\u005f_proto__":1}]}',
    '{"constructor":{"prototype":{"role":"admin"}}}',
  ])('G4: keys of prototypes are refused: %s', async (body) => {
    expect(await refused(post(body))).toEqual([400, 'request_malformed']);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  test.each(['', '{', 'nul', "{'a':1}", '{"a":1}{"b":2}', '\u00a0{}'])('%j is no JSON', async (body) => {
    const answer = only(answersIn((await post(body)).text));
    // A body of no bytes is none; the route says whether it needs one.
    expect(answer.status).toBe(body === '' ? 200 : 400);
  });

  test.each([
    ['text/plain', {}],
    ['application/xml', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/jsonp', {}],
    ['application/json; charset=latin1', {}],
    ['nonsense', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('a body of %s %j is of a kind that is not taken', async (type, headers) => {
    expect(await refused(post('{}', { 'content-type': type, ...headers }))).toEqual([415, 'unsupported_media_type']);
  });

  test.each([
    [
      'both lengths',
      'content-length: 6\r\ntransfer-encoding: chunked\r\n',
      '0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n',
    ],
    ['both lengths, the other way', 'transfer-encoding: chunked\r\ncontent-length: 6\r\n', '0\r\n\r\nG'],
    ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n', '{} '],
    ['a list of lengths', 'content-length: 2, 3\r\n', '{} '],
    ['a signed length', 'content-length: +2\r\n', '{}'],
    ['a length in hex', 'content-length: 0x2\r\n', '{}'],
    ['an encoding that is not chunked', 'transfer-encoding: identity\r\n', '{}'],
    ['chunked, hidden', 'transfer-encoding: xchunked\r\n', '0\r\n\r\n'],
    ['chunked, then not', 'transfer-encoding: chunked, identity\r\n', '0\r\n\r\n'],
    ['chunked, twice in two lines', 'transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n', '0\r\n\r\n'],
    ['a space before the colon', 'transfer-encoding : chunked\r\n', '0\r\n\r\n'],
    ['a folded header', 'transfer-encoding:\r\n chunked\r\ncontent-length: 2\r\n', '{}'],
    ['a chunk size that is none', 'transfer-encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size that overflows', 'transfer-encoding: chunked\r\n', 'ffffffffffffffff1\r\n{}\r\n0\r\n\r\n'],
    ['a bare line feed', 'x: y\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n', '{}'],
  ])(
    'a request whose end could be read in two ways is refused, and nothing after it is read: %s',
    async (_n, head, body) => {
      const { text } = await say(
        url,
        `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${head}\r\n${body}`,
      );
      const [status] = problemOf(only(answersIn(text)));
      expect([400, 413]).toContain(status);
    },
  );

  test.each([
    ['a carriage return in a value', 'GET / HTTP/1.1\r\nhost: x\r\nx-a: b\rset-cookie: y\r\n\r\n'],
    ['a null byte in a value', 'GET / HTTP/1.1\r\nhost: x\r\nx-a: b\0c\r\n\r\n'],
    ['a space in a name', 'GET / HTTP/1.1\r\nhost: x\r\nx a: b\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n'],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a version that there is not', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n'],
  ])('what is no HTTP/1.1 is told so: %s', async (_name, text) => {
    const socket = await open(url);
    const heard = hear(socket);
    socket.end(Buffer.from(text, 'latin1'));
    expect(problemOf(only(answersIn((await heard).text)))).toEqual([400, 'request_malformed']);
  });

  test('nothing of a request is put into a header of the answer', async () => {
    const evil = '%0d%0aset-cookie:%20a=b';
    const { text } = await say(
      url,
      `GET /nowhere${evil}?x=${evil} HTTP/1.1\r\nhost: evil.example\r\nmemwarden-request-id: mine\r\nx-request-id: mine\r\nrequest-id: mine\r\nconnection: close\r\n\r\n`,
    );
    expect(text).not.toMatch(/set-cookie|evil|mine/);
    expect(only(answersIn(text)).headers.get('memwarden-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('headers over the limit are refused, by their bytes and by the length of the address', async () => {
    expect(await refused(say(url, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(4_000)}\r\n\r\n`))).toEqual([
      431,
      'headers_too_large',
    ]);
    const many = Array.from({ length: 500 }, (_, i) => `x${i}: y\r\n`).join('');
    expect(await refused(say(url, `GET / HTTP/1.1\r\nhost: x\r\n${many}\r\n`))).toEqual([431, 'headers_too_large']);
    expect(await refused(say(url, `GET /${'a'.repeat(4_000)} HTTP/1.1\r\nhost: x\r\n\r\n`))).toEqual([
      431,
      'headers_too_large',
    ]);
  });

  test('a path in an id is an id and nothing else', async () => {
    const ask = async (path: string) => {
      const { text } = await say(url, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      const { status, body } = only(answersIn(text));
      return [status, JSON.parse(body)];
    };
    expect(await ask('/users/..%2f..%2fetc%2fpasswd/name')).toEqual([200, { user: '../../etc/passwd' }]);
    expect(await ask('/users/%2e%2e/name')).toEqual([200, { user: '..' }]);
    expect(await ask('/users/a%2Fb/name')).toEqual([200, { user: 'a/b' }]);
    for (const path of ['/users/../users/alice/name', '/users/alice/../bob/name', '//users/a/name'])
      expect(await ask(path)).toMatchObject([404, { code: 'route_not_found' }]);
    for (const path of ['/users/%/name', '/users/%zz/name', '/users/%ff/name', '/users/%c0%af/name'])
      expect(await ask(path)).toMatchObject([400, { code: 'request_malformed' }]);
  });

  test('an id of the longest length that there can be gets through', async () => {
    const id = '\u{1f600}'.repeat(150);
    const answer = await fetch(`${url}/users/${encodeURIComponent(id)}/name`, { headers: { connection: 'close' } });
    expect([answer.status, await answer.json()]).toEqual([200, { user: id }]);
  });

  test.each(['PUT /users/alice/name', 'DELETE /users/alice/name', 'OPTIONS /users/a/name', 'PROPFIND /users/a/name'])(
    '%s is told which methods there are',
    async (line) => {
      const { text } = await say(url, `${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      const answer = only(answersIn(text));
      expect(problemOf(answer)).toEqual([405, 'method_not_allowed']);
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    },
  );

  test('a method that nobody knows is not allowed, and one for tunnels gets nothing', async () => {
    const answer = only(answersIn((await say(url, 'STEAL /echo HTTP/1.1\r\nhost: x\r\n\r\n')).text));
    expect(problemOf(answer)).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.get('allow')).toContain('GET');
    expect((await say(url, 'CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n')).text).toBe('');
  });

  test.each(['/', '/nowhere', '/echo/', '/users', '/users/alice/name/more', '/USERS/alice/name'])(
    '%s is nowhere',
    async (path) => {
      const answer = await fetch(`${url}${path}`, { headers: { connection: 'close' } });
      expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'route_not_found' }]);
    },
  );

  test('what fails inside says nothing of it', async () => {
    const answer = await fetch(`${url}/fails`, { headers: { connection: 'close' } });
    const text = await answer.text();
    expect([answer.status, JSON.parse(text)]).toMatchObject([500, { code: 'internal' }]);
    expect(text).not.toContain('swordfish');
  });

  test('every answer says what a browser may do with it, also the answer to what is no request', async () => {
    const asked = [
      'GET /users/alice/name HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'HEAD /users/alice/name HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'GET /users/%zz/name HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'GET /whoami HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'GET /fails HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      'nonsense\r\n\r\n',
    ];
    for (const one of asked) {
      const { text } = await say(url, one);
      const [head = ''] = text.split('\r\n\r\n');
      const headers = new Map(head.split('\r\n').map((line) => line.split(': ') as [string, string]));
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('memwarden-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('an answer that has begun is not written into', async () => {
    const key = await served.key({ role: 'admin', users: [] });
    const socket = await open(url);
    const heard = hear(socket);
    const head = `GET /whoami HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n\r\n`;
    socket.write(`${head}nonsense\r\n\r\n`);
    const answers = answersIn((await heard).text);
    expect(answers.length).toBeGreaterThan(0);
    for (const { status, body } of answers)
      expect([status, typeof JSON.parse(body)]).toEqual([expect.any(Number), 'object']);
  });

  test(`${String(CONNECTIONS)} connections that are opened and dropped leave nothing behind`, async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
    const starts = [
      '',
      'GET',
      'GET /users/alice/name HTTP/1.1\r\nhost: x\r\n',
      'GET /users/a/name HTTP/1.1\r\nhost: x\r\n\r\n',
    ];
    for (let done = 0; done < CONNECTIONS; done += 100) {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => open(url)));
      await Promise.all(
        sockets.map(async (socket, i) => {
          socket.on('error', () => undefined);
          const start = starts[i % starts.length] ?? '';
          if (start !== '') socket.write(start);
          const closed = once(socket, 'close');
          if (i % 2 === 0) socket.resetAndDestroy();
          else socket.destroy();
          await closed;
        }),
      );
    }
    await untilNone();
    const after = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length;
    expect(after).toBeLessThanOrEqual(before + 5);
  });

  test('connections over the limit are dropped, and those within it are served', async () => {
    app.server.maxConnections = 5;
    try {
      const held = await Promise.all(Array.from({ length: 5 }, () => open(url)));
      const over = await say(url, 'GET /users/alice/name HTTP/1.1\r\nhost: x\r\n\r\n');
      expect(over.text).toBe('');
      const [first] = held;
      const heard = hear(first as (typeof held)[number]);
      first?.write('GET /users/alice/name HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
      expect(only(answersIn((await heard).text)).status).toBe(200);
      for (const socket of held) socket.destroy();
      await untilNone();
    } finally {
      app.server.maxConnections = limits.maxConnections;
    }
  });
});
