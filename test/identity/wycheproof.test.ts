import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { compactVerify } from 'jose';
import { JWT_ALGORITHMS, isHmac, type JwtAlgorithm } from '../../src/config/jwt.js';
import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { isPlainToken, jwtVerifier } from '../../src/identity/jwt.js';
import { openJwtKeys } from '../../src/identity/jwt-keys.js';
import { nameOf } from './issuer.js';
import { describeWithValues } from './values.js';

type Jwk = Readonly<Record<string, unknown>>;
interface Group {
  readonly public?: Jwk;
  readonly private?: Jwk;
  readonly tests: readonly { tcId: number; comment: string; result: string; jws?: unknown; jwe?: unknown }[];
}

const FOLDER = fileURLToPath(new URL('../../../shared/data/wycheproof/', import.meta.url));
const FILES = ['json_web_signature_test', 'json_web_key_test', 'json_web_crypto_test'];
const HMAC = JWT_ALGORITHMS.filter(isHmac);
const PUBLIC = JWT_ALGORITHMS.filter((name) => !isHmac(name));

// What is valid there and refused here: base64 with a sign that is none, keys that say another algorithm than the token, and
// no payload at all.
const STRICTER = [
  'emptyPayload',
  'InvalidCharacterInsertedInHeader',
  'InvalidCharacterInsertedInPayload',
  'Figure20',
  'Figure27',
];

interface Vector {
  readonly name: string;
  readonly comment: string;
  readonly valid: boolean;
  readonly token: string;
  readonly keys: readonly Jwk[];
  readonly algorithms: readonly JwtAlgorithm[];
}

function vectorsOf(file: string): Vector[] {
  const { testGroups } = JSON.parse(readFileSync(`${FOLDER}${file}.json`, 'utf8')) as { testGroups: Group[] };
  return testGroups.flatMap(({ public: shown, private: hidden, tests }) => {
    const key = shown ?? hidden ?? {};
    const keys = (key['keys'] as Jwk[] | undefined) ?? [key];
    const algorithms = keys.some(({ kty }) => kty === 'oct') ? HMAC : PUBLIC;
    return tests.map(({ tcId, comment, result, jws, jwe }) => {
      // A JSON serialization, and an encrypted token, come in a header as text as well.
      const given = jws ?? jwe;
      const token = typeof given === 'string' ? given : JSON.stringify(given);
      return {
        name: `${file} ${tcId}`,
        comment,
        valid: result === 'valid' && jws !== undefined,
        token,
        keys,
        algorithms,
      };
    });
  });
}

async function isTaken({ token, keys, algorithms }: Vector): Promise<boolean> {
  try {
    const key = openJwtKeys({ kind: 'jwks', keys }, algorithms);
    if (!isPlainToken(token, algorithms)) return false;
    await compactVerify(token, key, { algorithms: [...algorithms] });
    return true;
  } catch (error) {
    if (error instanceof Error && (isMemwardenError(error, 'config_invalid') || 'code' in error)) return false;
    throw error;
  }
}

if (!FILES.every((file) => existsSync(`${FOLDER}${file}.json`))) {
  process.stderr.write(
    '\n!! SKIPPED: G26 on the vectors of Wycheproof, which are not at ../shared/data/wycheproof.\n\n',
  );
  describe.skip('G26: the vectors of Wycheproof', () => {
    test('SKIPPED: ../shared/data/wycheproof is not there', () => undefined);
  });
} else {
  describeWithValues('G26: the vectors of Wycheproof', (values) => {
    let vectors: Vector[];
    beforeAll(() => {
      vectors = FILES.flatMap(vectorsOf);
    });

    test('every invalid signature and key is refused, and so is every encrypted token', async () => {
      const sameAs = ({ token, keys }: Vector) => JSON.stringify([token, keys]);
      const sound = new Set(vectors.filter(({ valid }) => valid).map(sameAs));
      const invalid = vectors.filter(({ valid }) => !valid);
      const taken: Vector[] = [];
      for (const vector of invalid) if (await isTaken(vector)) taken.push(vector);
      expect(taken.filter((vector) => !sound.has(sameAs(vector)))).toEqual([]);
      // Two of them lost the padding that they are named after: token and key are those of the valid vector 357.
      expect(taken.map(({ comment }) => comment)).toEqual(['invalidBase64Padding', 'invalidBase64PaddingInPayload']);
      expect(invalid.length).toBeGreaterThan(350);
    });

    test('the valid ones are taken, so that the test above can fail', async () => {
      const valid = vectors.filter((vector) => vector.valid);
      const refused: string[] = [];
      for (const vector of valid) if (!(await isTaken(vector))) refused.push(vector.comment);
      expect(new Set(refused)).toEqual(new Set(STRICTER));
      expect(valid.length - refused.length).toBeGreaterThan(40);
    });

    test('none of them is a credential, whatever its signature: they have no claims', async () => {
      for (const { token, keys, algorithms } of vectors) {
        const options = { issuer: 'i', audience: 'a', keys: { kind: 'jwks', keys }, algorithms, roles: { a: 'agent' } };
        let verify;
        try {
          verify = jwtVerifier(options as Parameters<typeof jwtVerifier>[0], {
            values: values(),
            clock: () => new Date(),
            nameOf,
          });
        } catch (error) {
          expect(isMemwardenError(error, 'config_invalid')).toBe(true);
          continue;
        }
        expect(await verify(token)).toBeUndefined();
      }
    });
  });
}
