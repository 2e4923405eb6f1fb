import { z } from 'zod';
import { MAX_PART, MAX_QUERY } from '../memory/limits.js';
import { ACTIONS_OF } from '../model/actions.js';
import { LEVELS } from '../model/levels.js';

/** The longest page of a tool, so that an answer fits what a model reads. */
export const MAX_ITEMS = 100;
/** The length of a page where the caller names none. */
export const DEFAULT_ITEMS = 20;
const DEFAULT_HITS = 10;

const text = z.string().min(1);
const id = text.describe('Id of the memory, as another tool told it.');
const level = z.enum(LEVELS);
const moment = text.describe('ISO 8601 with an offset, or a date alone.');
const metadata = z.record(z.string(), z.unknown());

const inSpace = {
  space: text.describe('A shared space, by its id: there, and not among the memories of the user.').optional(),
};

const selection = {
  category: text.describe('Only this category.').optional(),
  level: z
    .union([level, z.array(level).min(1).max(LEVELS.length)])
    .describe('Only this level, or these.')
    .optional(),
  agentId: text.describe('Only what was stored with this agent label.').optional(),
  appId: text.describe('Only what was stored with this app label.').optional(),
  sessionId: text.describe('Only this conversation.').optional(),
  from: moment.describe('Happened at or after this moment: ISO 8601 with an offset, or a date alone.').optional(),
  to: moment.describe('Happened before this moment: ISO 8601 with an offset, or a date alone.').optional(),
  keyword: text.max(MAX_PART).describe('Only what contains this text, whatever its case.').optional(),
};

// Labels of a memory, not of who asks: that comes from the credential alone.
const labels = {
  agentId: text.describe('Label: the agent that it came up with.'),
  appId: text.describe('Label: the app that it came up in.'),
  sessionId: text.describe('Label: the conversation that it came up in.'),
};

/** What each tool takes, and nothing else: there is no argument that names a user, a role or a principal. */
export const INPUTS = {
  memory_add: z.strictObject({
    ...inSpace,
    content: text.describe('The text to remember, in a sentence or two that stand alone.'),
    level: level.describe("How sensitive it is; the role's default where it is not given.").optional(),
    category: text.describe('One word for what it is about.').optional(),
    agentId: labels.agentId.optional(),
    appId: labels.appId.optional(),
    sessionId: labels.sessionId.optional(),
    occurredAt: moment.describe('When it happened; now where it is not given. ISO 8601.').optional(),
    expiresAt: moment.describe('Unreadable from this moment on. ISO 8601.').optional(),
    speaker: text.describe('Who said it.').optional(),
    metadata: metadata.describe('Further facts about it.').optional(),
  }),
  memory_search: z.strictObject({
    ...inSpace,
    query: text.max(MAX_QUERY).describe('A question, or words.'),
    limit: z.int().min(1).max(MAX_ITEMS).default(DEFAULT_HITS).describe('The most memories to find.'),
    minScore: z.number().min(0).max(1).describe('Leave out what scores less.').optional(),
    ...selection,
    speaker: text.describe('Only what this person said.').optional(),
  }),
  memory_list: z.strictObject({
    ...inSpace,
    ...selection,
    limit: z.int().min(1).max(MAX_ITEMS).default(DEFAULT_ITEMS).describe('The length of the page.'),
    cursor: text.describe('The cursor of the page before.').optional(),
  }),
  memory_get: z.strictObject({ id, ...inSpace }),
  memory_update: z.strictObject({
    ...inSpace,
    id,
    content: text.describe('The new text.').optional(),
    level: level.describe('The new level.').optional(),
    category: text.optional(),
    agentId: labels.agentId.nullable().optional(),
    appId: labels.appId.nullable().optional(),
    sessionId: labels.sessionId.nullable().optional(),
    occurredAt: moment.optional(),
    expiresAt: moment.nullable().describe('Unreadable from this moment on; null for never.').optional(),
    speaker: text.nullable().optional(),
    metadata: metadata.nullable().describe('In the place of all metadata that is there.').optional(),
    ifVersion: z.int().min(1).describe('Change it only if it is still at this version.').optional(),
  }),
  memory_delete: z.strictObject({ id, ...inSpace }),
  memory_explain: z.strictObject({
    ...inSpace,
    id,
    action: z.enum(ACTIONS_OF.Memory).default('read').describe('The action to explain.'),
  }),
  space_list: z.strictObject({
    limit: z.int().min(1).max(MAX_ITEMS).default(DEFAULT_ITEMS).describe('The length of the page.'),
    cursor: text.describe('The cursor of the page before.').optional(),
  }),
} as const;

/** The name of a tool. */
export type ToolName = keyof typeof INPUTS;
