import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportSPKI, importJWK, UnsecuredJWT, type CryptoKey } from 'jose';
import type { JwtOptions } from '../../src/config/jwt.js';
import { jwtVerifier } from '../../src/identity/jwt.js';
import { JwtRevocations } from '../../src/identity/jwt-revocations.js';
import { handClock, outcome } from '../support/warden.js';
import { AUDIENCE, ISSUER, keyServer, nameOf, newKey, optionsFor, signer, type IssuerKey } from './issuer.js';
import { describeWithValues } from './values.js';

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describeWithValues('G26: a JSON Web Token', (values) => {
  const clock = handClock();
  const sign = signer(clock);
  let key: IssuerKey;
  let other: IssuerKey;
  beforeAll(async () => {
    key = await newKey('k1');
    other = await newKey('k1');
  });

  const verifier = (more: Partial<JwtOptions> = {}, one = key) =>
    jwtVerifier(optionsFor(one, more), { values: values(), clock, nameOf });
  const refusal = (call: () => unknown) => outcome(() => Promise.resolve().then(call));

  test('of the issuer, for the audience, signed with its key, is who it says', async () => {
    const caller = await verifier()(await sign(key));
    expect(caller).toMatchObject({ kind: 'jwt', grant: { role: 'agent', users: ['alice'], purposes: [] } });
    expect(caller?.principal({ origin: { door: 'http' } })).toMatchObject({ role: 'agent', userId: 'alice' });
  });

  test('of another issuer, for another audience, or without one, is refused', async () => {
    const wrong = [
      { iss: 'https://issuer.example/' },
      { iss: undefined },
      { iss: [ISSUER] },
      { aud: 'other' },
      { aud: ['other', 'memwarden2'] },
      { aud: [] },
      { aud: undefined },
    ];
    for (const claims of wrong)
      expect([claims, await verifier()(await sign(key, claims))]).toEqual([claims, undefined]);
    expect(await verifier()(await sign(key, { aud: ['other', AUDIENCE] }))).toBeDefined();
  });

  test('without exp, iat or sub, expired, not yet valid, from the future, or too old is refused, by the clock of the warden', async () => {
    const now = clock().getTime() / 1_000;
    const wrong = [
      { exp: undefined },
      { exp: now - 5 },
      { exp: String(now + 600) },
      { nbf: now + 6 },
      { iat: undefined },
      { iat: now + 6 },
      { iat: now - 86_406 },
      { sub: undefined },
      { sub: '' },
      { sub: 'a\u0000b' },
      { sub: 7 },
      { sub: 'x'.repeat(241) },
    ];
    for (const claims of wrong)
      expect([claims, await verifier()(await sign(key, claims))]).toEqual([claims, undefined]);
    const right = [{ exp: now - 4 }, { nbf: now + 5 }, { iat: now + 5 }, { iat: now - 86_400 }];
    for (const claims of right)
      expect([claims, await verifier()(await sign(key, claims))]).toEqual([claims, expect.anything()]);
    const token = await sign(key);
    clock.forward(605_000);
    expect(await verifier()(token)).toBeUndefined();
  });

  test('with alg none, in any spelling and with any signature, is refused', async () => {
    const unsecured = new UnsecuredJWT({ role: 'assistant', sub: 'alice' }).setIssuer(ISSUER).setAudience(AUDIENCE);
    const plain = unsecured.setExpirationTime('1h').setIssuedAt().encode();
    const [, payload, signature] = (await sign(key)).split('.');
    const none = ['none', 'None', 'NONE', 'nOnE', '', null].flatMap((alg) =>
      ['', signature].map((end) => `${base64({ alg, kid: 'k1' })}.${payload}.${end}`),
    );
    for (const token of [plain, ...none]) expect(await verifier()(token)).toBeUndefined();
  });

  test('signed by HMAC with the public key as the secret is refused, whatever is named', async () => {
    const rsa = await newKey('r1', 'RS256');
    const pem = await exportSPKI((await importJWK(rsa.jwk, 'RS256', { extractable: true })) as CryptoKey);
    const [, payload] = (await sign(rsa)).split('.');
    for (const secret of [pem, pem.trim(), JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
      const signed = `${base64({ alg: 'HS256', kid: 'r1' })}.${payload}`;
      const forged = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      expect(await verifier({}, rsa)(forged)).toBeUndefined();
      expect(await verifier({ keys: { kind: 'pem', pem, algorithm: 'RS256' } }, rsa)(forged)).toBeUndefined();
    }
    const confused: Partial<JwtOptions>[] = [
      { algorithms: ['HS256'] },
      { algorithms: ['RS256', 'HS256'] },
      { algorithms: ['HS256'], keys: { kind: 'url', url: 'https://issuer.example/keys' } },
      { keys: { kind: 'pem', pem, algorithm: 'HS256' } },
    ];
    for (const more of confused) expect(await refusal(() => verifier(more, rsa))).toBe('config_invalid');
  });

  test('whose algorithm is not on the list, or not that of the key, is refused', async () => {
    const es384 = await newKey('k1', 'ES384');
    expect(await verifier({}, es384)(await sign(es384))).toBeUndefined();
    expect(await verifier({ algorithms: ['ES384'] }, es384)(await sign(es384))).toBeDefined();
    const rsa = await newKey('k1', 'RS256');
    const pss = await newKey('k1', 'PS256');
    for (const [signedBy, checkedBy] of [
      [rsa, key],
      [key, rsa],
      [rsa, pss],
      [pss, rsa],
      [other, key],
    ] as const)
      expect(await verifier({}, checkedBy)(await sign(signedBy))).toBeUndefined();
    // The same key, said to be for another algorithm than the token's.
    const asPss = { ...rsa, jwk: { ...rsa.jwk, alg: 'PS256' } };
    expect(await verifier({}, asPss)(await sign(rsa))).toBeUndefined();
  });

  test('the default algorithms are taken: RS256, PS256, ES256 and EdDSA', async () => {
    for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const) {
      const one = await newKey('k', alg);
      expect(await verifier({}, one)(await sign(one))).toBeDefined();
    }
  });

  test('that brings a key of its own, or an address of one, is checked with ours all the same', async () => {
    const server = await keyServer([other.jwk]);
    try {
      for (const header of [
        { jwk: other.jwk },
        { jku: server.url },
        { x5u: server.url },
        { x5c: [base64(other.jwk)] },
        { jwk: other.jwk, jku: server.url, kid: undefined },
      ]) {
        const theirs = JSON.parse(JSON.stringify(header)) as Record<string, unknown>;
        expect([header, await verifier()(await sign(other, {}, theirs))]).toEqual([header, undefined]);
        expect([header, await verifier()(await sign(key, {}, theirs))]).toEqual([header, expect.anything()]);
      }
      expect(server.asked).toEqual([]);
    } finally {
      await server.close();
    }
  });

  test('with a critical extension is refused, also one that is known', async () => {
    const [, payload] = (await sign(key)).split('.');
    for (const crit of [['b64'], ['exp'], [], ['x']]) {
      const token = `${base64({ alg: 'ES256', kid: 'k1', crit, b64: true, exp: 1, x: 1 })}.${payload}.AA`;
      expect(await verifier()(token)).toBeUndefined();
    }
    const token = await sign(key, {}, { crit: ['b64'], b64: true });
    expect(await verifier()(token)).toBeUndefined();
  });

  test('that is oversized, cut, extended, padded or spelled otherwise is refused', async () => {
    const token = await sign(key);
    expect(await verifier()(await sign(key, { more: 'x'.repeat(8_192) }))).toBeUndefined();
    expect(await verifier()(await sign(key, { more: 'x'.repeat(4_096) }))).toBeDefined();
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const bad = [
      '',
      '.',
      '..',
      header,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${token}.`,
      `${token}.${signature}`,
      `${token}=`,
      `${header}=.${payload}.${signature}`,
      `${token}\n`,
      `${header}.${payload} .${signature}`,
      `${header}.${payload}.${signature}AA`,
      JSON.stringify({ payload, protected: header, signature }),
      `${base64([])}.${payload}.${signature}`,
      `${base64(null)}.${payload}.${signature}`,
      `AA.${payload}.${signature}`,
    ];
    for (const one of bad) expect([one, await verifier()(one)]).toEqual([one, undefined]);
  });

  test('HMAC is taken with a secret of its own of 256 bits or more, and only where it is named', async () => {
    const secretKey = (bytes: number) => ({ kty: 'oct', k: randomBytes(bytes).toString('base64url') });
    const jwk = secretKey(32);
    const keys = { kind: 'jwks', keys: [jwk] } as const;
    const token = await sign(
      { kid: 'x', alg: 'HS256', jwk, secret: Buffer.from(jwk.k, 'base64url') as unknown as CryptoKey },
      {},
      { kid: undefined },
    );
    expect(await verifier({ keys, algorithms: ['HS256'] })(token)).toBeDefined();
    expect(await refusal(() => verifier({ keys }))).toBe('config_invalid');
    expect(await refusal(() => verifier({ keys, algorithms: ['HS512'] }))).toBe('config_invalid');
    expect(
      await refusal(() => verifier({ keys: { kind: 'jwks', keys: [secretKey(31)] }, algorithms: ['HS256'] })),
    ).toBe('config_invalid');
    const mixed = [
      { ...jwk, kid: 'a' },
      { ...(key.jwk as Record<string, unknown>), kid: 'b' },
    ];
    for (const algorithms of [['HS256'], ['ES256']] as const)
      expect(await refusal(() => verifier({ keys: { kind: 'jwks', keys: mixed }, algorithms }))).toBe('config_invalid');
  });

  test('keys come from a file as JWK, JWK Set or PEM; private, weak, doubled and malformed ones are refused at the start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'memwarden-jwt-'));
    try {
      const put = (text: string) => (
        writeFileSync(join(folder, 'key'), text),
        { kind: 'file', path: join(folder, 'key') } as const
      );
      const pem = await exportSPKI((await importJWK(key.jwk, 'ES256', { extractable: true })) as CryptoKey);
      for (const keys of [put(JSON.stringify(key.jwk))])
        expect(await verifier({ keys })(await sign(key))).toBeDefined();
      for (const keys of [put(JSON.stringify({ keys: [key.jwk] }))])
        expect(await verifier({ keys })(await sign(key))).toBeDefined();
      const named = { ...put(pem), algorithm: 'ES256' } as const;
      expect(await verifier({ keys: named })(await sign(key, {}, { kid: undefined }))).toBeDefined();
      for (const text of [
        '',
        '{',
        '[]',
        'null',
        '{}',
        pem,
        JSON.stringify({ keys: [key.jwk, key.jwk] }),
        JSON.stringify({ ...key.jwk, d: 'AA' }),
      ])
        expect([text, await refusal(() => verifier({ keys: put(text) }))]).toEqual([text, 'config_invalid']);
      const rsa = await newKey('r1', 'RS256');
      for (const weak of [{ e: 'AQ' }, { e: 'Ag' }, { n: rsa.jwk.n?.slice(0, 340) }, { kty: 'EC' }])
        expect(await refusal(() => verifier({ keys: put(JSON.stringify({ ...rsa.jwk, ...weak })) }))).toBe(
          'config_invalid',
        );
      expect(await refusal(() => verifier({ keys: { kind: 'file', path: join(folder, 'absent') } }))).toBe(
        'config_invalid',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('options that are unknown, missing or of another shape are refused', async () => {
    const wrong: Record<string, unknown>[] = [
      { issuer: undefined },
      { audience: undefined },
      { audience: [] },
      { roles: {} },
      { roles: { a: { role: 'agent', users: 'all' } } },
      { algorithms: [] },
      { algorithms: ['none'] },
      { verify: false },
      { toleranceSeconds: 61 },
      { maxAgeSeconds: 31 * 86_400 },
      { claims: { user: 'sub', users: 'users' } },
      ...[
        'http://issuer.example/keys',
        'https://u:p@issuer.example/keys',
        'ftp://x/',
        'keys',
        'http://127.0.0.1.example/',
      ].map((url) => ({ keys: { kind: 'url', url } })),
    ];
    for (const more of wrong)
      expect([more, await refusal(() => verifier(more as Partial<JwtOptions>))]).toEqual([more, 'config_invalid']);
  });

  test('a revocation is in force at the next request, also in another process, and for tokens from before alone', async () => {
    const verify = verifier();
    const before = await sign(key);
    const ofBob = await sign(key, { sub: 'bob' });
    expect(await verify(before)).toBeDefined();
    // Another process: nothing but the store is shared.
    await new JwtRevocations(values(), clock, nameOf).revoke('alice');
    expect(await verify(before)).toBeUndefined();
    expect(await verify(ofBob)).toBeDefined();
    // An issuer whose clock is ahead by the tolerance gains nothing.
    expect(await verify(await sign(key, { iat: clock().getTime() / 1_000 + 4 }))).toBeUndefined();
    clock.forward(5_000);
    expect(await verify(await sign(key))).toBeDefined();
    expect(await verify(before)).toBeUndefined();
    expect(JSON.stringify(await values().list('jwt-not-before', 10))).not.toContain('alice');
  });
});

describeWithValues('Keys at an address', (values) => {
  const clock = handClock();
  const sign = signer(clock);
  const verifier = (one: IssuerKey, url: string, more: object = {}) =>
    jwtVerifier(optionsFor(one, { keys: { kind: 'url', url, cooldownMs: 0, ...more } }), {
      values: values(),
      clock,
      nameOf,
    });
  let first: IssuerKey;
  let second: IssuerKey;
  beforeAll(async () => {
    first = await newKey('k1');
    second = await newKey('k2', 'RS256');
  });
  const servers: { close(): Promise<void> }[] = [];
  const open = async (...args: Parameters<typeof keyServer>) => {
    const server = await keyServer(...args);
    servers.push(server);
    return server;
  };
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  test('are fetched once, and again when a token names one that is not known: rotation needs no restart', async () => {
    const server = await open([first.jwk]);
    const verify = verifier(first, `${server.url}/jwks?a=1`);
    for (let i = 0; i < 3; i += 1) expect(await verify(await sign(first))).toBeDefined();
    expect(server.asked).toEqual(['/jwks?a=1']);
    server.answer = { body: JSON.stringify({ keys: [second.jwk] }) };
    expect(await verify(await sign(second))).toBeDefined();
    expect(await verify(await sign(first))).toBeUndefined();
  });

  test('are not fetched again for unknown key ids while it cools down', async () => {
    const server = await open([first.jwk]);
    const verify = verifier(first, server.url, { cooldownMs: 60_000 });
    for (let i = 0; i < 5; i += 1) expect(await verify(await sign(second))).toBeUndefined();
    expect(server.asked).toHaveLength(1);
  });

  test('a redirect is not followed, and no key is taken from where it leads', async () => {
    const server = await open([]);
    const elsewhere = await open([first.jwk]);
    for (const status of [301, 302, 307, 308]) {
      server.answer = { status, headers: { location: elsewhere.url }, body: JSON.stringify({ keys: [first.jwk] }) };
      const token = await sign(first);
      expect(await outcome(() => verifier(first, server.url)(token))).toBe('identity_unavailable');
    }
    expect(elsewhere.asked).toEqual([]);
  });

  test('an address that fails, stalls, or answers with something else is told as such, and lets nobody in', async () => {
    const server = await open([]);
    const token = await sign(first);
    const verify = verifier(first, server.url, { timeoutMs: 1_000 });
    for (const answer of [
      { status: 500, body: '' },
      { status: 204, body: '' },
      { body: 'x' },
      { body: '[]' },
      { body: 'null' },
      { body: '{"keys":{}}' },
      { body: JSON.stringify({ keys: [first.jwk], pad: 'x'.repeat(1_100_000) }) },
      { body: '', stall: true },
    ]) {
      server.answer = answer;
      expect([answer.body.slice(0, 20), await outcome(() => verify(token))]).toEqual([
        answer.body.slice(0, 20),
        'identity_unavailable',
      ]);
    }
    server.answer = { body: JSON.stringify({ keys: [first.jwk] }) };
    expect(await verify(token)).toBeDefined();
  });

  test('secrets, private keys and weak ones of a set are passed over, and the others serve', async () => {
    const rsa = await newKey('weak', 'RS256');
    const odd = [
      null,
      'x',
      { kty: 'oct', k: 'AAAA', kid: 's' },
      { kty: 'RSA', n: 'AQAB', e: 'AQ' },
      { ...rsa.jwk, e: 'AQ' },
    ];
    const server = await open([...(odd as never[]), first.jwk]);
    const verify = verifier(first, server.url);
    expect(await verify(await sign(first))).toBeDefined();
    expect(await verify(await sign(rsa))).toBeUndefined();
  });
});
