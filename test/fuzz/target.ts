import type { Served } from '../support/server.js';

const ADMIN = { id: 'officer', role: 'admin' } as const;

/** The users of whom there are memories. */
export const ADMIN_KEY_USERS = ['alice', 'bob', 'ælfred'] as const;

/** What a run asks. */
export interface FuzzTarget {
  readonly url: string;
  readonly keys: readonly string[];
  ids(): Promise<readonly string[]>;
}

/** A server with some memories, and a key of each role. */
export async function targetOf(served: Served): Promise<FuzzTarget> {
  const ids: string[] = ['01890000-0000-7000-8000-000000000000'];
  for (const user of ADMIN_KEY_USERS)
    for (const level of ['public', 'private', 'sensitive'] as const)
      ids.push((await served.warden.scope(ADMIN, user).add(`${user} has a ${level} memory`, { level })).id);
  const keys = [
    await served.key({ role: 'admin', users: 'any', purposes: 'any' }),
    await served.key({ role: 'agent', users: 'any' }),
    await served.key({ role: 'export', users: [] }),
  ];
  return { url: served.url, keys, ids: () => Promise.resolve(ids) };
}
