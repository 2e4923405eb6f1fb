import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { NewMemory } from '../../memory/input.js';
import { badArgument } from '../failure.js';

/** A question about a conversation, and the turns that answer it. */
export interface EvalQuestion {
  readonly text: string;
  /** Places among the memories. */
  readonly evidence: ReadonlySet<number>;
}

/** A conversation as one user's memories, with the questions that count. */
export interface EvalConversation {
  readonly memories: readonly NewMemory[];
  readonly questions: readonly EvalQuestion[];
}

const MAX_BYTES = 256 << 20;
/** Questions of this category have no answer in the conversation. */
const UNANSWERABLE = 5;
const TIME_OF_DAY = /^(\d{1,2}:\d{2}) (am|pm) on (.+)$/i;
const TURN_MS = 1_000;

const label = z.union([z.string(), z.number()]).transform(String);
const schema = z.object({
  turns: z
    .array(
      z.object({
        dia_id: label,
        session: label.optional(),
        date_time: z.string().optional(),
        speaker: z.string().min(1).optional(),
        text: z.string(),
      }),
    )
    .min(1),
  questions: z.array(
    z.object({
      question: z.string().min(1),
      category: z.union([z.number(), z.string()]).optional(),
      evidence: z.array(label).optional(),
    }),
  ),
});

/**
 * Reads a conversation with questions: `{ turns: [{ dia_id, session, date_time, speaker, text }], questions: [{
 * question, category, evidence: [dia_id] }] }`, as the LoCoMo conversations are kept. Evidence that is no turn is
 * dropped; a question with none left, or of category 5, does not count.
 *
 * @throws MemwardenError invalid_argument
 */
export async function readConversation(file: string): Promise<EvalConversation> {
  const { turns, questions } = parse(await bytesOf(file));
  const places = new Map(turns.map(({ dia_id: id }, i) => [id, i]));
  if (places.size < turns.length) throw badArgument('file', 'two turns have one dia_id');
  return {
    memories: turns.map((turn, i): NewMemory => {
      const { session, speaker, text } = turn;
      return {
        // An empty turn stays a turn, so that places are those of the file.
        content: text === '' ? ' ' : text,
        occurredAt: new Date(momentOf(turn.date_time) + i * TURN_MS),
        ...(session === undefined ? {} : { sessionId: `session ${session}` }),
        ...(speaker === undefined ? {} : { speaker }),
      };
    }),
    questions: questions
      .filter(({ category }) => Number(category) !== UNANSWERABLE)
      .map(({ question, evidence = [] }) => ({
        text: question,
        evidence: new Set(evidence.map((id) => places.get(id)).filter((place) => place !== undefined)),
      }))
      .filter(({ evidence }) => evidence.size > 0),
  };
}

async function bytesOf(file: string): Promise<Buffer> {
  let size: number;
  try {
    ({ size } = await stat(file));
    if (size <= MAX_BYTES) return await readFile(file);
  } catch {
    throw badArgument('file', 'cannot be read');
  }
  throw badArgument('file', 'larger than 256 MiB');
}

function parse(bytes: Buffer): z.output<typeof schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badArgument('file', 'not JSON');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw badArgument('file', `not a conversation: ${result.error.issues[0]?.path.join('.') ?? ''}`);
}

// `1:56 pm on 8 May, 2023`, or what the engine reads as a date. Without one all turns lie on one day, in their order.
function momentOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const [, time, half, day] = TIME_OF_DAY.exec(text.trim()) ?? [];
  const moment = day === undefined ? Date.parse(text) : Date.parse(`${day} ${time ?? ''} ${half ?? ''} UTC`);
  if (Number.isNaN(moment)) throw badArgument('file', 'a date_time that is none');
  return moment;
}
