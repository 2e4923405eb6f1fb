import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient, type Collection } from 'mongodb';
import { ApiKeys } from '../../../src/identity/api-keys.js';
import type { Collections } from '../../../src/store/mongodb/collections.js';
import { MongoValues } from '../../../src/store/mongodb/values.js';
import { nameOf } from '../../identity/issuer.js';
import { describeOnTypicalMongo, freshDatabase } from '../../support/mongo/describe.js';

describeOnTypicalMongo('API keys whose reading is shared', ({ uri }) => {
  const database = freshDatabase(uri);
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(database.uri).connect();
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  const clock = () => new Date();
  const keysOn = (values: Collection) =>
    new ApiKeys(new MongoValues({ values, timeoutMs: 60_000 } as unknown as Collections), clock, nameOf);

  test('G31: one that is revoked is refused at the next request, also where readings from before have not come back', async () => {
    const collection = client.db().collection('values');
    let read = 0;
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    // What the server answered is kept back, as by a network that is slow.
    const slow = new Proxy(collection, {
      get(target, name) {
        if (name !== 'find') return Reflect.get(target, name) as unknown;
        return (...query: Parameters<Collection['find']>) => ({
          async toArray() {
            const rows = await target.find(...query).toArray();
            read += 1;
            await held;
            return rows;
          },
        });
      },
    });
    const [here, elsewhere] = [keysOn(slow), keysOn(collection)];
    const grant = { role: 'agent', users: ['alice'], purposes: [] };
    const { key, credential } = await elsewhere.create({ grant });
    const ask = () => here.authenticate(key);
    const before: ReturnType<typeof ask>[] = [];
    for (let sent = 1; sent <= 2; sent += 1) {
      before.push(ask());
      while (read < sent) await new Promise(setImmediate);
    }
    const waiting = ask();
    await elsewhere.revoke(credential.id);
    const after = Array.from({ length: 8 }, ask);
    letGo();
    // Those were read before it was revoked: had later ones shared what they brought, these would pass too.
    expect((await Promise.all(before)).map((caller) => caller?.id)).toEqual([credential.id, credential.id]);
    expect(await Promise.all([waiting, ...after])).toEqual(Array.from({ length: 9 }, () => undefined));
  });
});
