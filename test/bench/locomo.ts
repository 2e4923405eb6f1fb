import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMemwardenError, type Level, type NewMemory, type Principal, type Warden } from '../../src/index.js';
import { PROJECT } from './project.js';

/** One conversation of LoCoMo: one user's memories, a turn each. */
export interface Conversation {
  readonly conversation: string;
  readonly turns: readonly Turn[];
  readonly questions: readonly Question[];
}

interface Question {
  readonly question: string;
  readonly category: number;
  readonly evidence?: readonly string[];
}

interface Turn {
  readonly dia_id: string;
  readonly session: number;
  readonly date_time: string;
  readonly speaker: string;
  readonly text: string;
}

/** What one role saw of one user, beside what it should. */
export interface Cell {
  readonly user: string;
  readonly role: string;
  readonly expected: readonly string[];
  readonly listed: readonly string[];
  readonly got: readonly string[];
  readonly counted: number;
  /** Whether the policy refused before any query. */
  readonly forbidden: boolean;
}

const BATCH = 500;

/** The folder of the conversations, or undefined where it is not here. They are not part of the project. */
export function locomoFolder(): string | undefined {
  const folder = process.env['MEMWARDEN_LOCOMO'] ?? join(PROJECT, '../shared/data/locomo');
  return existsSync(folder) && conversationFiles(folder).length > 0 ? folder : undefined;
}

export function readConversations(folder: string): Conversation[] {
  return conversationFiles(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Conversation);
}

function conversationFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^locomo-\d+\.json$/.test(file))
    .sort();
}

/** The fixed rule: of ten turns four are public, four private, two sensitive. */
export function levelOf(turn: number): Level {
  return turn % 10 < 4 ? 'public' : turn % 10 < 8 ? 'private' : 'sensitive';
}

/** Imports each conversation as one user. */
export async function importConversations(warden: Warden, conversations: readonly Conversation[]): Promise<void> {
  for (const { conversation, turns } of conversations) {
    const scope = warden.scope({ id: 'importer', role: 'admin' }, conversation);
    const memories = turns.map((turn, i) => toMemory(conversation, turn, i));
    for (let from = 0; from < memories.length; from += BATCH) await scope.addMany(memories.slice(from, from + BATCH));
  }
}

function toMemory(conversation: string, turn: Turn, i: number): NewMemory {
  return {
    content: turn.text,
    level: levelOf(i),
    speaker: turn.speaker,
    sessionId: `${conversation}-${turn.session}`,
    // A turn has no time of its own; a second each keeps them in order.
    occurredAt: new Date(momentOf(turn.date_time).getTime() + i * 1_000),
    metadata: { dia_id: turn.dia_id },
  };
}

/** The moment of a text such as `1:56 pm on 8 May, 2023`. */
export function momentOf(text: string): Date {
  const [, time, half, day] = /^(\d{1,2}:\d{2}) (am|pm) on (.+)$/.exec(text) ?? [];
  const moment = new Date(`${day} ${time} ${half} UTC`);
  if (Number.isNaN(moment.getTime())) throw new Error(`not a time of LoCoMo: ${text}`);
  return moment;
}

const ROLES: readonly { name: string; levels: readonly Level[]; as: (user: string, other: string) => Principal }[] = [
  { name: 'agent', levels: ['public', 'private'], as: (user) => ({ id: 'bot', role: 'agent', userId: user }) },
  { name: 'agent_of_another', levels: [], as: (_, other) => ({ id: 'bot', role: 'agent', userId: other }) },
  { name: 'admin', levels: ['public', 'private', 'sensitive'], as: () => ({ id: 'officer', role: 'admin' }) },
  { name: 'export', levels: ['public'], as: () => ({ id: 'job', role: 'export' }) },
];

/** Asks for every cell of role and user, each in every way of reading, by the turns that come back. */
export async function readCells(warden: Warden, conversations: readonly Conversation[]): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const [i, { conversation: user, turns }] of conversations.entries()) {
    const other = conversations[(i + 1) % conversations.length]?.conversation ?? 'nobody';
    const ids = await idsOf(warden, user);
    for (const { name, levels, as } of ROLES) {
      const expected = turns.filter((_, at) => levels.includes(levelOf(at))).map((turn) => turn.dia_id);
      const seen = await read(warden, as(user, other), user, ids);
      cells.push({ user, role: name, expected: expected.sort(), ...seen });
    }
  }
  return cells;
}

async function idsOf(warden: Warden, user: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of warden.scope({ id: 'officer', role: 'admin' }, user).getAll()) ids.push(id);
  return ids;
}

const AT_ONCE = 64;

async function read(warden: Warden, principal: Principal, user: string, ids: readonly string[]) {
  const scope = warden.scope(principal, user);
  const listed: string[] = [];
  const got: string[] = [];
  try {
    let cursor: string | undefined;
    do {
      const page = await scope.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) });
      listed.push(...page.memories.map((memory) => String(memory.metadata?.['dia_id'])));
      cursor = page.cursor;
    } while (cursor !== undefined);
    // Many at once, so that their audit records go together.
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => scope.get(id)));
      for (const memory of some) if (memory) got.push(String(memory.metadata?.['dia_id']));
    }
    return { listed: listed.sort(), got: got.sort(), counted: await scope.count(), forbidden: false };
  } catch (error) {
    if (!isMemwardenError(error) || error.code !== 'forbidden') throw error;
    return { listed, got, counted: 0, forbidden: true };
  }
}
