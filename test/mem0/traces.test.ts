import { expect, test } from '@jest/globals';
import { buildServer } from '../../src/http/server.js';
import { authenticating } from '../../src/identity/authenticate.js';
import { jwtVerifier } from '../../src/identity/jwt.js';
import { ROTATED_PURPOSES } from '../../src/crypto/keys/instance-keys.js';
import { servicesOf } from '../../src/internals.js';
import { mem0 } from '../../src/mem0/index.js';
import { newKey, optionsFor, signer } from '../identity/issuer.js';
import { valuesOf } from '../support/values.js';
import { ADMIN, describeOnEachStore, type Opened } from '../support/warden.js';

const CANARY = 'canary-7f3a';
const ROWS = /mem0-(?:projects|webhooks|feedback|events)/g;
const acts = { wait: () => Promise.resolve() };

describeOnEachStore('What the interface of mem0 keeps for a credential', (open) => {
  const issuer = newKey('k1');

  /** Writes everything that is kept for a credential. */
  async function fill(opened: Opened, credential: string, user: string): Promise<void> {
    const services = servicesOf(opened.warden);
    const jwt = jwtVerifier(optionsFor(await issuer), services);
    const parts = { warden: opened.warden, services, authenticate: authenticating(services.apiKeys, jwt) };
    const app = await buildServer(parts, [mem0]);
    const send = async (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => {
      const headers = { authorization: `Token ${credential}` };
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
      expect([url, answer.statusCode < 300, answer.body]).toEqual([url, true, answer.body]);
      return answer.json();
    };
    try {
      const { project_id } = await send('GET', '/v1/ping/');
      await send('PATCH', `/api/v1/orgs/organizations/memwarden/projects/${project_id}/`, {
        custom_instructions: `${user} likes tea`,
      });
      await send('POST', `/api/v1/webhooks/projects/${project_id}/`, {
        name: `of ${user}`,
        url: `https://example.org/${user}`,
        event_types: ['memory_add'],
      });
      const messages = [{ role: 'user', content: 'something' }];
      const added = await send('POST', '/v3/memories/add/', { messages, user_id: user, infer: false });
      await send('POST', '/v1/feedback/', { memory_id: added.results[0].id, feedback: 'POSITIVE' });
    } finally {
      await app.close();
    }
  }
  const keyFor = async ({ warden }: Opened, users: readonly string[] | 'any') =>
    warden.credentials.create(ADMIN, { role: 'agent', users });
  const rowsIn = async (opened: Opened) => ((await valuesOf(opened)).match(ROWS) ?? []).sort();
  const ALL = ['mem0-events', 'mem0-feedback', 'mem0-projects', 'mem0-webhooks'];

  test('G21: goes with the key of an erased user, and that of others stays', async () => {
    const opened = await open({ acts });
    await fill(opened, (await keyFor(opened, ['bob'])).key, 'bob');
    expect(await rowsIn(opened)).toEqual(ALL);
    const before = await valuesOf(opened);
    await fill(opened, (await keyFor(opened, [CANARY])).key, CANARY);
    expect(await rowsIn(opened)).toHaveLength(8);
    await opened.warden.keys.erase(ADMIN, CANARY);
    const left = await valuesOf(opened);
    expect(left).not.toContain(CANARY);
    expect(await rowsIn(opened)).toEqual(ALL);
    expect([before, left].map((text) => text.includes('bob likes tea'))).toEqual([true, true]);
  });

  test('G21: goes with the tokens of an erased user', async () => {
    const opened = await open({ acts });
    const claims = { sub: CANARY, users: [CANARY] };
    await fill(opened, await signer(() => new Date())(await issuer, claims), CANARY);
    expect(await rowsIn(opened)).toEqual(ALL);
    await opened.warden.keys.erase(ADMIN, CANARY);
    expect(await valuesOf(opened)).not.toContain(CANARY);
    expect(await rowsIn(opened)).toEqual([]);
  });

  test('G21: of a key for any user the events of an erased one go', async () => {
    const opened = await open({ acts });
    await fill(opened, (await keyFor(opened, 'any')).key, 'carol');
    await opened.warden.keys.erase(ADMIN, 'carol');
    expect(await rowsIn(opened)).toEqual(ALL.slice(1));
  });

  test('S22: goes with an erased user also where instance keys were rotated since', async () => {
    const opened = await open({ acts });
    await fill(opened, (await keyFor(opened, [CANARY])).key, CANARY);
    await fill(opened, (await keyFor(opened, 'any')).key, CANARY);
    for (const purpose of ROTATED_PURPOSES) await opened.warden.keys.rotateInstanceKey(ADMIN, purpose);
    await opened.warden.keys.erase(ADMIN, CANARY);
    expect((await rowsIn(opened)).filter((name) => name === 'mem0-events')).toEqual([]);
  });

  test('goes with a key that is revoked', async () => {
    const opened = await open();
    const { key, credential } = await keyFor(opened, ['bob', CANARY]);
    await fill(opened, key, CANARY);
    await opened.warden.credentials.revoke(ADMIN, credential.id);
    expect(await rowsIn(opened)).toEqual([]);
  });
});
