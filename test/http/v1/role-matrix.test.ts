import { afterEach, expect, test } from '@jest/globals';
import { v1 } from '../../../src/http/v1/index.js';
import { checkedDoor, sender, type Answered, type Send } from '../../support/http.js';
import { contentsOf, holdAgainstLibrary, laterThan, type Done, type Surface } from '../../support/role-matrix.js';
import { describeServedMostly } from '../../support/describe-served.js';
import type { Served } from '../../support/server.js';
import { handClock, policyFolder } from '../../support/warden.js';

let served: Served | undefined;
afterEach(() => served?.close());

const done = ({ status, body }: Answered): Done => (status < 300 ? 'done' : body.code);
const shown = ({ status, body }: Answered, of: (body: never) => readonly { content?: string }[]) =>
  status < 300
    ? of(body as never)
        .map(({ content = '' }) => content)
        .sort()
    : body.code;

/** The HTTP API as the table asks it. */
function surfaceOf(send: Send, owner: string, clock: () => Date): Surface {
  const user = `/v1/users/${owner}`;
  const memories = `${user}/memories`;
  const one = (id: string) => `${memories}/${id}`;
  return {
    create: async (level) => done(await send('POST', memories, { body: { content: 'new', level, appId: 'made' } })),
    read: async (id) => done(await send('GET', one(id))),
    update: async (id) => done(await send('PATCH', one(id), { body: { content: 'changed' } })),
    reclassify: async (id) => done(await send('PATCH', one(id), { body: { expiresAt: laterThan(clock) } })),
    delete: async (id) => done(await send('DELETE', one(id))),
    history: async (id) => done(await send('GET', `${one(id)}/history`)),
    explain: async (id) => done(await send('POST', `${user}/explain`, { body: { id } })),
    list: async () => shown(await send('GET', memories), (page: { memories: [] }) => page.memories),
    async search() {
      const answer = await send('POST', `${memories}/search`, { body: { query: 'canary', limit: 100 } });
      return shown(answer, ({ hits }: { hits: { memory: { content: string } }[] }) => hits.map((hit) => hit.memory));
    },
    async count() {
      const { status, body } = await send('GET', `${memories}/count`);
      return status === 200 ? body.count : body.code;
    },
    async export() {
      const begun = await send('POST', '/v1/exports', { body: { users: [owner] } });
      if (begun.status !== 202) return begun.body.code;
      const place = `/v1/exports/${begun.body.id}`;
      while ((await send('GET', place)).body.state === 'running')
        await new Promise((resolve) => setTimeout(resolve, 10));
      const file = await send('GET', `${place}/file`);
      return file.status === 200 ? contentsOf(file.text) : file.body.code;
    },
    async users() {
      const { status, body } = await send('GET', '/v1/users');
      return status === 200 ? body.users.map(({ userId }: { userId: string }) => userId) : body.code;
    },
  };
}

describeServedMostly('the HTTP API', (serve) => {
  test('G5: role x action x level x owner x state through the HTTP API is what it is in the library', async () => {
    const clock = handClock();
    const { door, faults } = checkedDoor(v1);
    served = await serve([door], { clock, policies: await policyFolder() });
    const { warden, url, key } = served;
    const found = await holdAgainstLibrary({
      warden,
      clock,
      open: async ({ role, users }, owner) => surfaceOf(sender(url, await key({ role, users })), owner, clock),
    });
    // 4 roles, 2 owners: 5 acts on all together, and at 3 levels 6 acts on an id, live and expired, and one that creates.
    expect(found).toEqual({
      cells: 4 * 2 * (5 + 3 * (6 * 2 + 1)),
      allowed: expect.any(Number),
      without: 0,
      missing: [],
    });
    expect(found.allowed).toBeGreaterThan(80);
    expect(faults).toEqual([]);
  });
});
