import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bindingOf, contextBytes } from '../../../src/crypto/kms/binding.js';
import { openClientHeld } from '../../../src/crypto/kms/client-held.js';
import { checkValue } from '../../../src/crypto/kms/kek.js';
import { openLocal } from '../../../src/crypto/kms/local.js';
import { headerOf } from '../../../src/crypto/kms/wrapped.js';
import { ALICE } from './support/context.js';

// Check value, context and binding were computed by another implementation (Python: hmac, hashlib).
const SECRET = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const CHECK = 'af7a69e0f8a399fdca729e1dc46b40d2';
const KEY_FILE = `memwarden-kek-v1 ${SECRET.toString('hex')} ${CHECK}\n`;
const CONTEXT =
  '000000186d656d77617264656e206b657920636f6e746578742076310000000764656661756c7400000011616c696365406578616d706c652e' +
  '636f6d0000002434663063316261322d376435652d346238652d396135312d3363376330663561326431310000000464617461';
const BINDING = '1ff75f88f64e9f44c071ece0034bac2a7d40c7f3a1f2700d458f2824f577df57';
const LOCAL =
  '01012061663761363965306638613339396664636137323965316463343662343064321111111111111111111111111cc55a1e35d31364' +
  '8579c22ddb8125a09afb48e5ef840de72d3e60cbb35668985a54878108d203f2d5180e895ec520ab';
const CLIENT_HELD =
  '01042061663761363965306638613339396664636137323965316463343662343064321111111111111111111111111cc55a1e35d31364' +
  '8579c22ddb8125a09afb48e5ef840de72d3e60cbb356689844db1bc54cb7e0b1a9e2c0124487770d';

test('G15: the check value and the bytes of a context are what they were in the first release', () => {
  expect(checkValue(SECRET)).toBe(CHECK);
  expect(contextBytes(ALICE).toString('hex')).toBe(CONTEXT);
});

test('G15: the binding that key services are shown is what it was in the first release', () => {
  const salt = Buffer.from(Array.from({ length: 32 }, (_, i) => 64 + i));
  expect(bindingOf(salt, headerOf('vault-transit', 'transit/memwarden'), ALICE).toString('hex')).toBe(BINDING);
});

test('G15: a key file and a wrapped key of the first release open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memwarden-golden-'));
  try {
    mkdirSync(join(folder, 'keys'), { mode: 0o700 });
    writeFileSync(join(folder, 'keys', 'kek'), KEY_FILE, { mode: 0o600 });
    const kms = await openLocal({ kind: 'local', path: join(folder, 'keys', 'kek') });
    expect(kms.kekId).toBe(`local:${CHECK}`);
    expect(Buffer.from(await kms.unwrap(Buffer.from(LOCAL, 'hex'), ALICE))).toEqual(Buffer.alloc(32, 0xa5));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('G15: a key that was wrapped under an owner key in the first release opens', async () => {
  const kms = openClientHeld(SECRET);
  expect(Buffer.from(await kms.unwrap(Buffer.from(CLIENT_HELD, 'hex'), ALICE))).toEqual(Buffer.alloc(32, 0xa5));
});
