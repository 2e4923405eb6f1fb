import { afterEach, expect, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { mcp } from '../../src/mcp/http.js';
import type { Memory } from '../../src/model/memory.js';
import { holdAgainstLibrary, laterThan, ROLES, type Done, type Surface } from '../support/role-matrix.js';
import { describeServedMostly } from '../support/describe-served.js';
import type { Served } from '../support/server.js';
import { handClock, policyFolder } from '../support/warden.js';
import { call, textOf, type Data } from './support.js';

let served: Served | undefined;
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await served?.close();
});

/** What a tool answered, or the code of why it did not. */
type Ask = (name: string, args: Record<string, unknown>) => Promise<Data | string>;

/**
 * A client of the SDK whose calls name a user, where one is given. What it says while it connects names them only where
 * the credential may act for anybody, so that one which may not act for that user is refused at the call, and not before.
 */
async function asking({ url }: Served, key: string, user?: string, mayName = false): Promise<Ask> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  let refused: string | undefined;
  const naming: typeof fetch = async (to, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${key}`);
    const isCall = String(init?.body).includes('"tools/call"');
    if (user !== undefined && (isCall || mayName)) headers.set('memwarden-on-behalf-of', user);
    const answer = await fetch(to, { ...init, headers });
    if (answer.status >= 400) refused = ((await answer.clone().json()) as { code?: string }).code;
    return answer;
  };
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { fetch: naming }));
  clients.push(client);
  return async (name, args) => {
    refused = undefined;
    try {
      const result = await call(client, name, args);
      if (!result.isError) return result.structuredContent as unknown as Data;
      return (JSON.parse(textOf(result)) as { error: { code: string } }).error.code;
    } catch (error) {
      if (refused === undefined) throw error;
      return refused;
    }
  };
}

const done = (found: Data | string): Done => (typeof found === 'string' ? found : 'done');
const shown = (found: Data | string, of: (data: Data) => readonly Memory[]) =>
  typeof found === 'string'
    ? found
    : of(found)
        .map(({ content = '' }) => content)
        .sort();

/** The tools that name a memory by its id. */
function byId(ask: Ask, clock: () => Date): Surface {
  return {
    read: async (id) => done(await ask('memory_get', { id })),
    update: async (id) => done(await ask('memory_update', { id, content: 'changed' })),
    reclassify: async (id) => done(await ask('memory_update', { id, expiresAt: laterThan(clock) })),
    delete: async (id) => done(await ask('memory_delete', { id })),
    explain: async (id) => done(await ask('memory_explain', { id })),
  };
}

/** All tools. */
function surfaceOf(ask: Ask, clock: () => Date): Surface {
  return {
    ...byId(ask, clock),
    create: async (level) => done(await ask('memory_add', { content: 'new', level, appId: 'made' })),
    list: async () => shown(await ask('memory_list', { limit: 100 }), ({ memories }) => memories),
    search: async () =>
      shown(await ask('memory_search', { query: 'canary', limit: 100 }), ({ hits }) => hits.map((hit) => hit.memory)),
  };
}

describeServedMostly('MCP', (serve) => {
  test('G5: role x action x level x owner x state through MCP is what it is in the library', async () => {
    const clock = handClock();
    served = await serve([mcp], { clock, policies: await policyFolder() });
    const { warden, key } = served;
    const found = await holdAgainstLibrary({
      warden,
      clock,
      // A credential for nobody has no partition here at all: that of `export` may act for anybody.
      open: async (row, owner) => {
        const { role } = row;
        const users = row.users.length === 0 ? 'any' : row.users;
        return surfaceOf(await asking(served as Served, await key({ role, users }), owner, users === 'any'), clock);
      },
    });
    // 4 roles, 2 owners: 2 acts on all together, and at 3 levels 5 acts on an id, live and expired, and one that creates;
    // no tool counts, exports, lists users or shows history.
    const missing = ['count', 'export', 'users', 'history'];
    const [asked, without] = [4 * 2 * (2 + 3 * (5 * 2 + 1)), 4 * 2 * (3 + 3 * 2)];
    expect(found).toEqual({ cells: asked, allowed: expect.any(Number), without, missing });
    expect(found.allowed).toBeGreaterThan(70);
  });

  test("G5, G27: through MCP with nobody named, ids of another user's memories are those of nothing", async () => {
    const clock = handClock();
    served = await serve([mcp], { clock, policies: await policyFolder() });
    const { warden, key } = served;
    const found = await holdAgainstLibrary({
      warden,
      clock,
      roles: ROLES.filter(({ users }) => users.length === 1),
      ownOf: () => 'alice',

      open: async ({ role, users }) => byId(await asking(served as Served, await key({ role, users })), clock),
    });
    // 2 roles, 2 owners, 3 levels, 5 acts on an id, live and expired.
    expect(found).toMatchObject({ cells: 2 * 2 * 3 * 5 * 2, allowed: expect.any(Number) });
    expect(found.allowed).toBeGreaterThan(10);
  });
});
