import { afterEach, expect, test } from '@jest/globals';
import { servicesOf } from '../../src/internals.js';
import { mem0 } from '../../src/mem0/index.js';
import { holdAgainstLibrary, laterThan, type Done, type Surface } from '../support/role-matrix.js';
import { describeServedMostly } from '../support/describe-served.js';
import { handClock, policyFolder } from '../support/warden.js';
import { serveMem0, type Answer, type Mem0Served } from './support.js';

let served: Mem0Served | undefined;
afterEach(() => served?.close());

const done = ({ status, body }: Answer): Done => (status < 300 ? 'done' : String(body['code']));
const shown = (answer: Answer, named: string) =>
  answer.status < 300
    ? (answer.body[named] as { memory: string | null }[]).map(({ memory }) => memory ?? '').sort()
    : done(answer);

/** mem0's API as the table asks it. */
function surfaceOf({ send, warden }: Mem0Served, key: string, owner: string, clock: () => Date): Surface {
  const { handles } = servicesOf(warden);
  const filters = { user_id: owner };
  const one = async (id: string) => `/v1/memories/${await handles.seal('memory', { owner, id })}/`;
  return {
    create: async (sensitivity) =>
      done(
        await send(key, 'POST', '/v3/memories/add/', {
          messages: [{ role: 'user', content: 'new' }],
          user_id: owner,
          app_id: 'made',
          metadata: { sensitivity },
        }),
      ),
    read: async (id) => done(await send(key, 'GET', await one(id))),
    update: async (id) => done(await send(key, 'PUT', await one(id), { text: 'changed' })),
    reclassify: async (id) => done(await send(key, 'PUT', await one(id), { expiration_date: laterThan(clock) })),
    delete: async (id) => done(await send(key, 'DELETE', await one(id))),
    history: async (id) => done(await send(key, 'GET', `${await one(id)}history/`)),
    list: async () => shown(await send(key, 'POST', '/v3/memories/', { filters }), 'results'),
    search: async () =>
      shown(
        await send(key, 'POST', '/v3/memories/search/', { query: 'canary', filters, top_k: 100, threshold: 0 }),
        'results',
      ),
    async count() {
      const answer = await send(key, 'POST', '/v3/memories/', { filters });
      return answer.status < 300 ? Number(answer.body['count']) : done(answer);
    },
    async export() {
      const ordered = await send(key, 'POST', '/v1/exports/', { schema: 'Memories', filters });
      if (ordered.status >= 300) return done(ordered);
      return shown(await send(key, 'POST', '/v1/exports/get/', { memory_export_id: ordered.body['id'] }), 'memories');
    },
    async users() {
      const answer = await send(key, 'GET', '/v1/entities/');
      return answer.status < 300 ? (answer.body['results'] as { id: string }[]).map(({ id }) => id) : done(answer);
    },
  };
}

describeServedMostly("mem0's API", (serve) => {
  test("G5: role x action x level x owner x state through mem0's API is what it is in the library", async () => {
    const clock = handClock();
    served = await serveMem0({ clock, policies: await policyFolder() }, undefined, mem0, serve);
    const { warden, key } = served;
    const found = await holdAgainstLibrary({
      warden,
      clock,
      open: async ({ role, users }, owner) => surfaceOf(served as Mem0Served, await key({ role, users }), owner, clock),
      ownOf: ({ users }) => (users === 'any' ? undefined : users[0]) ?? 'a user that there is not',
      // mem0's list of users is that of those whom the credential may act for.
      part: (act, { users }, library) => (act === 'users' && users !== 'any' ? users : library),
    });
    // 4 roles, 2 owners: 5 acts on all together, and at 3 levels 5 acts on an id, live and expired, and one that creates;
    // there is no call that explains.
    const [asked, without] = [4 * 2 * (5 + 3 * (5 * 2 + 1)), 4 * 2 * 3 * 2];
    expect(found).toEqual({ cells: asked, allowed: expect.any(Number), without, missing: ['explain'] });
    expect(found.allowed).toBeGreaterThan(80);
  });
});
