import { z } from 'zod';
import { LEVELS } from '../../../model/levels.js';
import { MAX_BATCH, MAX_WORDS } from '../../../memory/limits.js';

/** What names something. What else an id may not hold the library says (S3). */
const name = z.string().min(1).max(512);
const words = z.string().min(1).max(MAX_WORDS);
const moment = z.string().min(1).max(64).meta({ format: 'date-time' });
// That it is JSON without more ado the library sees to.
const json = z.record(z.string(), z.unknown());
export const level = z.enum(LEVELS);
export { moment, name, words };

/** The user whose memories they are. */
export const user = z.strictObject({ user: z.string().meta({ description: 'The user whose memories they are.' }) });
/** A memory of a user. */
export const oneMemory = user.extend({ id: z.string().meta({ description: 'The id of the memory.' }) });

const options = {
  level: level.optional(),
  category: name.optional(),
  agentId: name.optional(),
  appId: name.optional(),
  sessionId: name.optional(),
  occurredAt: moment.optional(),
  expiresAt: moment.optional().meta({ description: 'Unreadable from this moment on.' }),
  ttl: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'Unreadable after so many milliseconds; instead of expiresAt.' }),
  metadata: json.optional(),
  speaker: words.optional(),
};

/** A new memory. */
export const newMemory = z
  .strictObject({ content: z.string().min(1), ...options })
  .meta({ id: 'NewMemory', description: 'A new memory. Content is at most 65536 bytes, metadata 16384.' });

const chatMessage = z
  .strictObject({
    role: words,
    content: z.string().min(1),
    name: words.optional(),
    timestamp: moment.optional(),
  })
  .meta({ id: 'ChatMessage' });

/** The messages of a chat: one memory a message, in order, of one session. */
export const newMessages = z
  .strictObject({ messages: z.array(chatMessage).min(1).max(MAX_BATCH), ...options })
  .meta({ id: 'NewMessages', description: 'The messages of a chat: one memory a message, in order, of one session.' });

/** Up to 1,000 memories: all of them or none. */
export const newBatch = z
  .strictObject({ memories: z.array(newMemory).min(1).max(MAX_BATCH) })
  .meta({ id: 'NewMemories' });

/** What to change; null takes an optional field away. */
export const memoryChanges = z
  .strictObject({
    content: z.string().min(1).optional(),
    level: level.optional(),
    category: name.optional(),
    agentId: name.nullish(),
    appId: name.nullish(),
    sessionId: name.nullish(),
    occurredAt: moment.optional(),
    expiresAt: moment.nullish(),
    ttl: z.int().positive().optional(),
    metadata: json.nullish(),
    speaker: words.nullish(),
  })
  .meta({ id: 'MemoryChanges', description: 'What to change; null takes an optional field away.' });

export const time = z.string().meta({ format: 'date-time' });

/** A memory as it is released. */
export const memory = z
  .strictObject({
    id: z.string(),
    userId: z.string(),
    level: level.optional(),
    category: z.string().optional(),
    agentId: z.string().optional(),
    appId: z.string().optional(),
    sessionId: z.string().optional(),
    occurredAt: time.optional(),
    createdAt: time.optional(),
    updatedAt: time.optional(),
    expiresAt: time.optional(),
    version: z.int().positive().optional(),
    classifiedBy: z.string().optional(),
    content: z.string().optional(),
    metadata: json.optional(),
    speaker: z.string().optional(),
  })
  .meta({
    id: 'Memory',
    description:
      'A memory. Fields that the policy withholds are absent; where a change lifts it above what its author may read, all but id, userId and level are.',
  });

/** Some memories. */
export const memories = z.strictObject({ memories: z.array(memory) }).meta({ id: 'Memories' });
/** A page of memories. */
export const memoryPage = z
  .strictObject({ memories: z.array(memory), cursor: z.string().optional() })
  .meta({ id: 'MemoryPage', description: 'A page, newest first. A cursor is there where there is more.' });

/** A change of a memory. */
export const historyEntry = z
  .strictObject({
    n: z.int().positive(),
    event: z.enum(['create', 'update', 'delete']),
    at: time,
    before: memory.optional(),
    after: memory.optional(),
  })
  .meta({ id: 'HistoryEntry', description: 'A change; `before` is absent for create, `after` for delete.' });
/** The changes of a memory. */
export const historyEntries = z.array(historyEntry);
