import { ViewIndex } from '../../src/search/view-index.js';
import { weigh } from '../../src/search/rank.js';
import { rankByWords } from '../../src/search/ranking.js';
import { loadLanguages } from '../../src/search/languages.js';
import { WEIGHTS, type Weights } from '../../src/search/weights.js';
import { locomoFolder, momentOf, readConversations, type Conversation } from './locomo.js';
import { progress, type Figures } from './figures.js';
import type { Suite } from './suite.js';

/** Retrieval over the questions that count: recall and hit rate among the first k. */
export interface Retrieval {
  readonly questions: number;
  readonly recall: ReadonlyMap<number, number>;
  readonly hit10: number;
}

const KS = [5, 10, 20];

/** Asks every question of every conversation, each conversation one view, past guard and store: the rank alone. */
export async function measureRank(
  conversations: readonly Conversation[],
  weights: Partial<Weights> = {},
): Promise<Retrieval> {
  const languages = await loadLanguages();
  const sums = new Map(KS.map((k) => [k, 0]));
  let questions = 0;
  let hits = 0;
  for (const { turns, questions: asked } of conversations) {
    const index = new ViewIndex(languages, { ...WEIGHTS, ...weights });
    turns.forEach((turn, i) =>
      index.put({
        id: turn.dia_id,
        content: turn.text,
        speaker: turn.speaker,
        sessionId: String(turn.session),
        occurredAt: new Date(momentOf(turn.date_time).getTime() + i * 1_000),
      }),
    );
    const ids = new Set(turns.map((turn) => turn.dia_id));
    for (const { question, category, evidence } of asked) {
      const wanted = new Set((evidence ?? []).filter((id) => ids.has(id)));
      if (category === 5 || wanted.size === 0) continue;
      const ranking = rankByWords(index, weigh(index, question));
      const found: (string | undefined)[] = [];
      for (let one = ranking.next(); one && found.length < 20; one = ranking.next())
        found.push(index.slots.id(one.slot));
      questions += 1;
      const among = (k: number) => found.slice(0, k).filter((id) => id !== undefined && wanted.has(id)).length;
      for (const k of KS) sums.set(k, (sums.get(k) ?? 0) + among(k) / wanted.size);
      if (among(10) > 0) hits += 1;
    }
  }
  return { questions, recall: new Map([...sums].map(([k, sum]) => [k, sum / questions])), hit10: hits / questions };
}

/** Each part of the rank taken out of the whole, and the whole built up from plain BM25. */
const VARIANTS: Readonly<Record<string, Partial<Weights>>> = {
  whole: {},
  no_neighbours: { neighbours: [0, 0], answers: 0 },
  no_second_neighbour: { neighbours: [0.5, 0] },
  no_answers: { answers: 0.5 },
  no_question: { question: 1 },
  no_other_speaker: { otherSpeaker: 1 },
  no_speakers: { speakers: false },
  no_dates: { dates: false },
  no_kin: { kin: 0 },
  no_stop_words: { stopWords: false },
  no_stems: { stems: false },
};
const PLAIN: Partial<Weights> = {
  b: 0.75,
  neighbours: [0, 0],
  answers: 0,
  question: 1,
  otherSpeaker: 1,
  kin: 0,
  dates: false,
  speakers: false,
  stopWords: false,
  stems: false,
};
const STEPS: readonly (readonly [string, Partial<Weights>])[] = [
  ['plain_bm25', {}],
  ['stems_and_stop_words', { stems: true, stopWords: true }],
  ['speaker_and_date', { speakers: true, dates: true }],
  ['neighbours', { neighbours: [0.5, 0.25], answers: 0.5, b: 0.5 }],
  ['answers_and_questions', { answers: 1, question: 0.8 }],
  ['speaker_named', { otherSpeaker: 2 / 3 }],
  ['kin', { kin: 0.5 }],
];

/** Retrieval on the LoCoMo conversations, each part of the rank on and off. */
export const retrieval: Suite = async (figures) => {
  const folder = locomoFolder();
  if (folder === undefined)
    return progress('!! SKIPPED: the conversations are not here; name their folder in MEMWARDEN_LOCOMO.');
  const conversations = readConversations(folder);
  let weights: Partial<Weights> = PLAIN;
  for (const [name, step] of STEPS) {
    weights = { ...weights, ...step };
    report(figures, `retrieval.built_up.${name}`, await measureRank(conversations, weights));
  }
  for (const [name, change] of Object.entries(VARIANTS))
    report(figures, `retrieval.${name}`, await measureRank(conversations, change));
};

function report(figures: Figures, name: string, { recall, hit10, questions }: Retrieval): void {
  for (const [k, value] of recall) figures.add({ name: `${name}.recall@${k}`, value });
  figures.add({ name: `${name}.hit@10`, value: hit10 });
  if (name.endsWith('whole')) figures.add({ name: `${name}.questions`, value: questions });
}
