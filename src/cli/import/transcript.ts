import { createHash } from 'node:crypto';
import { chatDrafts } from '../../memory/input.js';
import { MemwardenError } from '../../errors/memwarden-error.js';
import { bareCopy } from '../../model/bare.js';
import { fieldNamed } from '../../model/fields.js';
import { rest, type Bytes } from './bytes.js';
import type { Entry, Item, Source, Window } from './source.js';

/** The largest transcript: one conversation, read whole. */
export const MAX_TRANSCRIPT_BYTES = 64 << 20;
const WINDOW = 20_000;
const ABOUT = new Set([
  'user_id',
  'space',
  'session_id',
  'agent_id',
  'app_id',
  'category',
  'sensitivity',
  'expires_at',
  'metadata',
]);

interface Transcript {
  readonly messages: readonly unknown[];
  readonly about: Readonly<Record<string, unknown>>;
}

/**
 * Reads a chat transcript: a list of messages, or an object with `messages` and what is true of them all: one
 * conversation of one user.
 *
 * @param session the session where the transcript names none
 * @throws MemwardenError invalid_argument
 */
export async function readTranscript(file: Bytes, session: string): Promise<TranscriptSource> {
  const bytes = await rest(file, MAX_TRANSCRIPT_BYTES).finally(() => file.close());
  if (bytes.length > MAX_TRANSCRIPT_BYTES) throw bad('larger than 64 MiB; write it as lines');
  const { messages, about } = parse(bytes);
  return new TranscriptSource(
    messages,
    { ...about, session_id: about['session_id'] ?? session },
    createHash('sha256').update(bytes).digest('hex'),
  );
}

function parse(bytes: Buffer): Transcript {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw bad('not JSON');
  }
  const transcript: unknown = Array.isArray(value) ? { messages: value } : value;
  if (typeof transcript !== 'object' || transcript === null) throw bad('no messages');
  const { messages, ...about } = transcript as Record<string, unknown>;
  if (!Array.isArray(messages)) throw bad('no messages');
  if (Object.keys(about).some((key) => !ABOUT.has(key))) throw bad('unknown key');
  return { messages, about };
}

/** The messages of a transcript, in order. */
export class TranscriptSource implements Source {
  readonly unit = 'message';
  readonly total: number;
  readonly #messages: readonly unknown[];
  readonly #about: Readonly<Record<string, unknown>>;
  readonly #digest: string;
  #at = 0;

  constructor(messages: readonly unknown[], about: Readonly<Record<string, unknown>>, digest: string) {
    this.total = messages.length;
    this.#messages = messages;
    this.#about = about;
    this.#digest = digest;
  }

  get passed(): number {
    return this.#at;
  }

  /** Goes to a message. @returns the digest of the transcript, whole */
  skipTo({ offset }: { readonly offset: number }): Promise<string> {
    this.#at = offset;
    return Promise.resolve(this.#digest);
  }

  next(until = this.#at + WINDOW): Promise<Window | undefined> {
    const start = this.#at;
    this.#at = Math.min(until, this.total);
    if (this.#at <= start) return Promise.resolve(undefined);
    const items = this.#messages
      .slice(start, this.#at)
      .map((message, i) => new Message(start + i + 1, message, this.#about));
    return Promise.resolve({ items, end: { offset: this.#at, number: this.#at, digest: this.#digest } });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class Message implements Item {
  readonly number: number;
  readonly #message: unknown;
  readonly #about: Readonly<Record<string, unknown>>;

  constructor(number: number, message: unknown, about: Readonly<Record<string, unknown>>) {
    this.number = number;
    this.#message = message;
    this.#about = about;
  }

  read(now: Date, id: string): Entry {
    const { user_id: userId, space, ...about } = this.#about;
    const options = Object.fromEntries(
      Object.entries(about).map(([name, value]) => [fieldNamed(name)?.property ?? name, value]),
    );
    const [draft] = chatDrafts([this.#message], options, now);
    if (!draft) throw bad('no messages');
    // Messages without a time keep their order by their ids, also where an import was cut off between them.
    return { userId, space, draft: bareCopy({ ...draft, id, occurred_at: draft.occurred_at ?? now }) };
  }

  setAside(): Buffer {
    return Buffer.from(JSON.stringify({ ...this.#about, messages: [this.#message] }));
  }
}

function bad(reason: string): MemwardenError {
  return new MemwardenError('invalid_argument', { argument: 'transcript', reason });
}
