import { importerOf } from '../../internals.js';
import type { SharedMemory } from '../../model/memory.js';
import { assertStill, writeOf, type AnyCall } from './replays.js';

/** The header that names a version, for descriptions. */
export const ETAG = { ETag: 'The version of the memory, where the policy lets the caller see it.' };
/** The answer to what makes a memory in a space. */
export const ADDED = { description: 'What was added.', headers: { Location: 'Where the memory is.', ...ETAG } };

/** A write that makes memories in a space. What may not be read any more is answered with its names alone. */
export function written(call: AnyCall, into: string, run: () => Promise<SharedMemory[]>): Promise<SharedMemory[]> {
  const { warden, principal } = call;
  const shared = warden.space(principal, into);
  // The list is asked as a write asks it: who is not on it any more learns nothing of what was written before (S9).
  const assertThere = () => importerOf(warden, principal).assertMayCreate({ space: into });
  return call.idempotency.once<SharedMemory[]>({
    ...writeOf(call),
    assertThere,
    async run() {
      const answer = await run();
      return { answer, kept: { ids: answer.map(({ id }) => id) } };
    },
    async replay({ ids }) {
      assertStill(call, 'create');
      await assertThere();
      const found: SharedMemory[] = [];
      for (const id of ids) found.push((await shared.get(id)) ?? { id, space: into });
      return found;
    },
  });
}

/** Where a memory of a space is. */
export function placeOf({ space: name, id }: SharedMemory): string {
  return `/v1/spaces/${encodeURIComponent(name)}/memories/${id}`;
}
