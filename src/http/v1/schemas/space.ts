import { z } from 'zod';
import { MAX_MEMBERS } from '../../../model/space-list.js';
import { memory, name } from './memory.js';
import { hit } from './search.js';
import { historyEntry } from './memory.js';

/** The space whose memories they are. */
export const space = z.strictObject({ space: z.string().meta({ description: 'The shared space.' }) });
/** A memory of a space. */
export const oneShared = space.extend({ id: z.string().meta({ description: 'The id of the memory.' }) });

const access = z.enum(['read', 'write']);
const value = z.union([z.string().min(1), z.number(), z.boolean()]);
const byUser = { user: name };
const byAttribute = { attribute: name, value };
const member = z
  .union([z.strictObject(byUser), z.strictObject(byAttribute)])
  .meta({ id: 'SpaceMember', description: 'A user, or everybody with a value of an attribute.' });
const entry = z
  .union([z.strictObject({ ...byUser, access }), z.strictObject({ ...byAttribute, access })])
  .meta({ id: 'SpaceEntry', description: 'A member with what it may do; write includes read.' });
const onErase = z
  .enum(['remove', 'keep'])
  .meta({ description: 'What becomes of what a member wrote when the member is erased.' });

/** A space to make. */
export const newSpace = z
  .strictObject({ id: name, onErase, members: z.array(entry).max(MAX_MEMBERS).optional() })
  .meta({ id: 'NewSpace' });
/** Whom to let in. */
export const spaceGrant = z.strictObject({ member, access }).meta({ id: 'SpaceGrant' });
/** Whom to take from the list. */
export const spaceRevocation = z.strictObject({ member }).meta({ id: 'SpaceRevocation' });
/** The list of a space. */
export const spaceMembers = z.strictObject({ members: z.array(entry), onErase }).meta({ id: 'SpaceMembers' });
/** A page of spaces. */
export const spacePage = z
  .strictObject({
    spaces: z.array(z.strictObject({ id: z.string(), access: access.optional() })),
    cursor: z.string().optional(),
  })
  .meta({ id: 'SpacePage', description: 'Without `access` who may change the list is no member.' });

/** A memory of a space as it is released. */
export const sharedMemory = z
  .strictObject({ ...memory.omit({ userId: true }).shape, space: z.string() })
  .meta({ id: 'SharedMemory', description: 'A memory of a shared space; it names no user.' });
/** Some of them. */
export const sharedMemories = z.strictObject({ memories: z.array(sharedMemory) }).meta({ id: 'SharedMemories' });
/** A page of them. */
export const sharedPage = z
  .strictObject({ memories: z.array(sharedMemory), cursor: z.string().optional() })
  .meta({ id: 'SharedMemoryPage' });
/** What was found in a space. */
export const foundShared = z
  .strictObject({ hits: z.array(z.strictObject({ ...hit.shape, memory: sharedMemory }).meta({ id: 'SharedHit' })) })
  .meta({ id: 'FoundShared' });
/** The changes of a memory of a space. */
export const sharedHistory = z.strictObject({
  history: z.array(
    z
      .strictObject({ ...historyEntry.shape, before: sharedMemory.optional(), after: sharedMemory.optional() })
      .meta({ id: 'SharedHistoryEntry' }),
  ),
});
/** Where to share a memory. */
export const shareBody = z.strictObject({ space: name }).meta({ id: 'Share' });
