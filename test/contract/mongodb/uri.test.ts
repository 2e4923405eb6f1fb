import { describe, expect, test } from '@jest/globals';
import { isMemwardenError } from '../../../src/errors/memwarden-error.js';
import { openMongo } from '../../../src/store/mongodb/driver.js';

// Port 9 is discard: nobody listens there, so that what passes the check ends at once in store_unavailable.
const HOST = '127.0.0.1:9';
const SECRET = 'hunter2-Secret';
const open = async (uri: string): Promise<unknown> => {
  try {
    const driver = await openMongo({ uri, timeoutMs: 900 });
    await driver.close();
    return 'opened';
  } catch (error) {
    return error;
  }
};
const code = (error: unknown) => (isMemwardenError(error) ? error.code : error);

const WEAK = [
  ...[
    'w=0',
    'w=1',
    'w=majority',
    'W=1',
    'journal=false',
    'JOURNAL=false',
    'jOuRnAl=false',
    'wtimeoutMS=1',
    'WTimeoutms=1',
  ],
  ...['readConcernLevel=local', 'READCONCERNLEVEL=available', 'readPreference=secondary', 'ReadPreference=nearest'],
  ...['readPreference=primaryPreferred', 'readPreference=secondary&readPreferenceTags=dc:a', 'directConnection=true'],
  ...['%77=1', 'appName=x&w=1', '\tw=1', 'journal=true&w=1', 'readPreference=nearest&maxStalenessSeconds=90'],
];

describe('S17: options of a connection string', () => {
  test.each(WEAK)('%j weakens what an acknowledgement or a read means, and is refused', async (option) => {
    const uris = [
      `mongodb://${HOST}/db?${option}`,
      `mongodb://${HOST}/?${option}`,
      `mongodb://u:${SECRET}@${HOST}/db?${option}`,
    ];
    for (const uri of uris) expect([uri, code(await open(uri))]).toEqual([uri, 'store_unsafe']);
  });

  test.each(['appName=w', 'retryWrites=true', 'replicaSet=w', 'authSource=w%3D1', 'maxPoolSize=3', 'appName=x?w=1'])(
    '%j weakens nothing, and is not refused',
    async (option) => {
      expect(code(await open(`mongodb://${HOST}/db?${option}`))).toBe('store_unavailable');
    },
  );

  test.each([
    '',
    'mongodb://',
    'http://h/db',
    'mongodb://h/db?unknown=1',
    'mongodb://u:p@ss@h/',
    'mongodb://h:x/',
    'mongodb+srv://h:1/',
  ])('%j is no connection string, and is refused', async (uri) => {
    expect(code(await open(uri))).toBe('config_invalid');
  });
});

describe('Invariant 10: credentials of a connection string', () => {
  const uris = [
    `mongodb://alice:${SECRET}@${HOST}/db`,
    `mongodb://alice:${SECRET}@${HOST}/db?w=0`,
    `mongodb://alice:${SECRET}@${HOST}/db?tls=maybe`,
    `mongodb://alice:${SECRET}@${HOST}:notaport/db`,
    `mongodb://alice:${SECRET}@/db`,
    `mongodb://alice:${SECRET}:x@${HOST}/db`,
    `mongodb+srv://alice:${SECRET}@nowhere.invalid/db`,
    `mongodb://alice:${SECRET}@${HOST}/db?authMechanism=${SECRET}`,
    `mongodb://alice:${SECRET}@${HOST}/db?${SECRET}=1`,
  ];
  test.each(uris)('show in no error: %#', async (uri) => {
    const error = await open(uri);
    expect(isMemwardenError(error)).toBe(true);
    const { message, stack, cause } = error as Error;
    const shown = `${message} ${stack ?? ''} ${String(cause)} ${JSON.stringify(error)} ${JSON.stringify(Object.entries(error as object))}`;
    expect(shown.toLowerCase()).not.toContain(SECRET.toLowerCase());
    expect(shown).not.toContain('alice');
    expect(cause).toBeUndefined();
  });
});
