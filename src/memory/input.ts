import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Changes, Draft } from '../guard/changes.js';
import { bare, bareCopy } from '../model/bare.js';
import type { Json } from '../model/fields.js';
import { newId } from '../model/id.js';
import type { Level } from '../model/levels.js';
import {
  checkContentSize,
  checked,
  checkMetadata,
  content,
  duration,
  isList,
  isPlainList,
  level,
  moment,
  name,
  parsed,
  words,
} from './checked.js';
import { MAX_BATCH } from './limits.js';

/** What may be said of a new memory beside its text. */
export interface MemoryOptions {
  /** The level; the role's default where none is given. */
  readonly level?: Level;
  readonly category?: string;
  readonly agentId?: string;
  readonly appId?: string;
  readonly sessionId?: string;
  /** When it happened; now where none is given. */
  readonly occurredAt?: Date | string;
  /** Unreadable from this moment on. */
  readonly expiresAt?: Date | string;
  /** Unreadable after so many milliseconds; instead of `expiresAt`. */
  readonly ttl?: number;
  readonly metadata?: { readonly [key: string]: Json };
  readonly speaker?: string;
}

/** A new memory. */
export interface NewMemory extends MemoryOptions {
  readonly content: string;
}

/** A message of a chat, as chat APIs have it. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  /** Who said it; the role where there is none. */
  readonly name?: string;
  /** When it was said. */
  readonly timestamp?: Date | string;
}

/** What to change; null takes an optional field away. */
export interface MemoryChanges {
  readonly content?: string;
  readonly level?: Level;
  readonly category?: string;
  readonly agentId?: string | null;
  readonly appId?: string | null;
  readonly sessionId?: string | null;
  readonly occurredAt?: Date | string;
  readonly expiresAt?: Date | string | null;
  readonly ttl?: number;
  readonly metadata?: { readonly [key: string]: Json } | null;
  readonly speaker?: string | null;
  /** Change it only if it is still at this version. */
  readonly ifVersion?: number;
}

const common = {
  level: level.optional(),
  category: name.optional(),
  occurredAt: moment.optional(),
  ttl: duration.optional(),
};
const options = {
  ...common,
  agentId: name.optional(),
  appId: name.optional(),
  sessionId: name.optional(),
  expiresAt: moment.optional(),
  metadata: z.unknown().optional(),
  speaker: words.optional(),
};
const memoryOptions = z.strictObject(options);
const newMemory = z.strictObject({ ...options, content });
const chatMessage = z.strictObject({ role: words, content, name: words.optional(), timestamp: moment.optional() });
const memoryChanges = z.strictObject({
  ...common,
  content: content.optional(),
  agentId: name.nullish(),
  appId: name.nullish(),
  sessionId: name.nullish(),
  expiresAt: moment.nullish(),
  metadata: z.unknown().optional(),
  speaker: words.nullish(),
  ifVersion: z.int().positive().optional(),
});

/** The draft of one memory. */
export function toDraft(value: unknown, now: Date, argument = 'memory'): Draft {
  return draftOf(checked(newMemory, value, argument), now, argument, newId());
}

/** The draft of a memory that was made here of JSON; an import fixes its id ahead. */
export function parsedDraft(data: object, now: Date, argument: string, id = newId()): Draft {
  return draftOf(parsed(newMemory, data, argument), now, argument, id);
}

function draftOf(given: z.output<typeof newMemory>, now: Date, argument: string, id: string): Draft {
  checkContentSize(given.content);
  const draft = bare() as { -readonly [field in keyof Draft]: Draft[field] };
  draft.id = id;
  draft.content = given.content;
  draft.category = given.category ?? 'general';
  const expires = expiry(given, now, argument);
  if (given.level !== undefined) draft.sensitivity = given.level;
  if (given.agentId !== undefined) draft.agent_id = given.agentId;
  if (given.appId !== undefined) draft.app_id = given.appId;
  if (given.sessionId !== undefined) draft.session_id = given.sessionId;
  if (given.occurredAt !== undefined) draft.occurred_at = given.occurredAt;
  if (expires !== undefined) draft.expires_at = expires;
  if (given.metadata !== undefined) draft.metadata = checkMetadata(given.metadata, `${argument}.metadata`);
  if (given.speaker !== undefined) draft.speaker = given.speaker;
  return draft;
}

/** The draft of a text. */
export function textDraft(text: unknown, given: unknown, now: Date): Draft {
  const rest = checked(memoryOptions, given === undefined ? {} : given, 'options');
  return toDraft({ ...rest, content: text }, now, 'memory');
}

/** The drafts of a batch. */
export function batchDrafts(values: unknown, now: Date): Draft[] {
  return list(values, 'memories').map((value, i) => toDraft(value, now, `memories.${i}`));
}

/** The drafts of chat messages: one a message, in order, of one session, with speaker from name or role. */
export function chatDrafts(values: unknown, given: unknown, now: Date): Draft[] {
  const { metadata: shared, ...others } = checked(memoryOptions, given === undefined ? {} : given, 'options');
  const rest = bareCopy(others);
  const sessionId = rest.sessionId ?? newId();
  const messages = list(values, 'messages');
  const metadata = shared === undefined ? undefined : checkMetadata(shared, 'messages.0.metadata', messages.length);
  return messages.map((value, i) => {
    const message = checked(chatMessage, value, `messages.${i}`);
    const occurredAt = message.timestamp ?? rest.occurredAt;
    const memory = {
      ...rest,
      content: message.content,
      sessionId,
      speaker: message.name ?? message.role,
      ...named('occurredAt', occurredAt),
    };
    const draft = toDraft(memory, now, `messages.${i}`);
    return metadata === undefined ? draft : Object.assign(draft, { metadata });
  });
}

/** Checked changes, and the version that they ask for. */
export function toChanges(value: unknown, now: Date): { changes: Changes; ifVersion: number | undefined } {
  const given = checked(memoryChanges, value, 'changes');
  if (given.content !== undefined) checkContentSize(given.content);
  const { metadata } = given;
  const changes: Changes = bareCopy({
    ...named('content', given.content),
    ...named('sensitivity', given.level),
    ...named('category', given.category),
    ...named('agent_id', given.agentId),
    ...named('app_id', given.appId),
    ...named('session_id', given.sessionId),
    ...named('occurred_at', given.occurredAt),
    ...named('expires_at', given.expiresAt === null ? null : expiry(given, now, 'changes')),
    ...named(
      'metadata',
      metadata === undefined || metadata === null ? metadata : checkMetadata(metadata, 'changes.metadata'),
    ),
    ...named('speaker', given.speaker),
  });
  if (Object.keys(changes).length === 0) throw new MemwardenError('invalid_argument', { argument: 'changes' });
  return { changes, ifVersion: given.ifVersion };
}

interface Lifetime {
  readonly expiresAt?: Date | null | undefined;
  readonly ttl?: number | undefined;
}

function expiry({ expiresAt, ttl }: Lifetime, now: Date, argument: string): Date | undefined {
  if (expiresAt && ttl !== undefined)
    throw new MemwardenError('invalid_argument', {
      argument: `${argument}.ttl`,
    });
  const at = expiresAt ?? (ttl === undefined ? undefined : new Date(now.getTime() + ttl));
  if (at !== undefined && !(at > now)) {
    throw new MemwardenError('invalid_argument', {
      argument: `${argument}.${ttl === undefined ? 'expiresAt' : 'ttl'}`,
      allowed: 'a moment that is not in the past',
    });
  }
  return at;
}

function list(values: unknown, argument: string): readonly unknown[] {
  if (!isList(values) || values.length === 0) throw new MemwardenError('invalid_argument', { argument });
  if (values.length > MAX_BATCH) throw new MemwardenError('batch_too_large');
  if (!isPlainList(values)) throw new MemwardenError('invalid_argument', { argument });
  return Array.from(values);
}

function named<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}
