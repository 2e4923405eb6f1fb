import { readSync, writeSync } from 'node:fs';
import { openLocal } from '../../../../src/crypto/kms/local.js';
import { ALICE } from './context.js';

// A process that starts on a key folder, makes the file where there is none, and prints what it wraps a key to.
const [, , path = '', said = ''] = process.argv;
writeSync(1, 'ready\n');
// Until a line comes, or there is nobody to send one.
readSync(0, Buffer.alloc(16));
const kms = await openLocal({ kind: 'local', path }, { create: true });
const wrapped = await kms.wrap(Buffer.alloc(32, 7), ALICE);
writeSync(1, `${said}${kms.kekId} ${Buffer.from(wrapped).toString('hex')}\n`);
