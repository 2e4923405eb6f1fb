import { z } from 'zod';
import { MemwardenError } from '../errors/memwarden-error.js';
import type { Changes, Draft } from '../guard/changes.js';
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

/** The draft of one memory; an import fixes its id ahead. */
export function toDraft(value: unknown, now: Date, argument = 'memory', id = newId()): Draft {
  const given = checked(newMemory, value, argument);
  checkContentSize(given.content);
  return {
    id,
    content: given.content,
    category: given.category ?? 'general',
    ...named('sensitivity', given.level),
    ...named('agent_id', given.agentId),
    ...named('app_id', given.appId),
    ...named('session_id', given.sessionId),
    ...named('occurred_at', given.occurredAt),
    ...named('expires_at', expiry(given, now, argument)),
    ...named(
      'metadata',
      given.metadata === undefined ? undefined : checkMetadata(given.metadata, `${argument}.metadata`),
    ),
    ...named('speaker', given.speaker),
  };
}

/** The draft of a text. */
export function textDraft(text: unknown, given: unknown, now: Date): Draft {
  const rest = checked(memoryOptions, given === undefined ? {} : given, 'options');
  return toDraft({ ...withoutUndefined(rest), content: text }, now, 'memory');
}

/** The drafts of a batch. */
export function batchDrafts(values: unknown, now: Date): Draft[] {
  return list(values, 'memories').map((value, i) => toDraft(value, now, `memories.${i}`));
}

/** The drafts of chat messages: one a message, in order, of one session, with speaker from name or role. */
export function chatDrafts(values: unknown, given: unknown, now: Date): Draft[] {
  const rest = withoutUndefined(checked(memoryOptions, given === undefined ? {} : given, 'options'));
  const sessionId = rest.sessionId ?? newId();
  return list(values, 'messages').map((value, i) => {
    const message = checked(chatMessage, value, `messages.${i}`);
    const occurredAt = message.timestamp ?? rest.occurredAt;
    const memory = {
      ...rest,
      content: message.content,
      sessionId,
      speaker: message.name ?? message.role,
      ...named('occurredAt', occurredAt),
    };
    return toDraft(memory, now, `messages.${i}`);
  });
}

/** Checked changes, and the version that they ask for. */
export function toChanges(value: unknown, now: Date): { changes: Changes; ifVersion: number | undefined } {
  const given = checked(memoryChanges, value, 'changes');
  if (given.content !== undefined) checkContentSize(given.content);
  const { metadata } = given;
  const changes: Changes = {
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
  };
  if (Object.keys(changes).length === 0) throw new MemwardenError('invalid_argument', { argument: 'changes' });
  return { changes, ifVersion: given.ifVersion };
}

interface Lifetime {
  readonly expiresAt?: Date | null | undefined;
  readonly ttl?: number | undefined;
}

function expiry({ expiresAt, ttl }: Lifetime, now: Date, argument: string): Date | undefined {
  if (expiresAt && ttl !== undefined) throw new MemwardenError('invalid_argument', { argument: `${argument}.ttl` });
  const at = expiresAt ?? (ttl === undefined ? undefined : new Date(now.getTime() + ttl));
  if (at !== undefined && !(at > now)) {
    throw new MemwardenError('invalid_argument', {
      argument: `${argument}.${ttl === undefined ? 'expiresAt' : 'ttl'}`,
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

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
