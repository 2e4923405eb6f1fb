import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { NewMemory } from '../../src/memory/input.js';
import type { Level } from '../../src/model/levels.js';
import { ADMIN, describeOnEachStore } from '../support/warden.js';

interface Line {
  readonly user_id: string;
  readonly content: string;
  readonly sensitivity: Level;
  readonly category: string;
  readonly occurred_at: string;
  readonly session_id?: string;
  readonly speaker?: string;
}

const read = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');
const YEAR = read('year.ndjson')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);
const QUESTIONS = JSON.parse(read('questions.json')) as { user_id: string; question: string; answers: string[] }[];

/** What was measured, less a little; most of the questions share no word with their answer. */
const FLOOR = 0.34;

describeOnEachStore('retrieval on the example set', (open) => {
  test(`100 questions find at least ${FLOOR} of what answers them among the first ten, by words alone`, async () => {
    const { warden } = await open();
    const users = [...new Set(YEAR.map(({ user_id }) => user_id))];
    for (const user of users) {
      const memories = YEAR.filter(({ user_id }) => user_id === user).map((line): NewMemory => ({
        content: line.content,
        level: line.sensitivity,
        category: line.category,
        occurredAt: line.occurred_at,
        ...(line.session_id === undefined ? {} : { sessionId: line.session_id }),
        ...(line.speaker === undefined ? {} : { speaker: line.speaker }),
      }));
      await warden.scope(ADMIN, user).addMany(memories);
    }
    let recall = 0;
    for (const { user_id, question, answers } of QUESTIONS) {
      const hits = await warden.scope(ADMIN, user_id).search(question, { limit: 10, mode: 'lexical' });
      recall +=
        answers.filter((answer) => hits.some(({ memory }) => memory.content!.includes(answer))).length / answers.length;
      // Every answer is there to be found.
      for (const answer of answers)
        expect(YEAR.filter((line) => line.user_id === user_id && line.content.includes(answer)).length).toBeGreaterThan(
          0,
        );
    }
    expect(QUESTIONS).toHaveLength(100);
    console.info(`recall@10 on the example set: ${(recall / QUESTIONS.length).toFixed(3)}`);
    expect(recall / QUESTIONS.length).toBeGreaterThanOrEqual(FLOOR);
  });
});
