import { readFileSync } from 'node:fs';
import { PROJECT } from '../bench/project.js';
import { join } from 'node:path';
import type { Classify } from '../../src/model/classifier.js';
import { rank, type Level } from '../../src/model/levels.js';

/** A text and the lowest level that fits it; `public` where it asks for none. */
export interface Labelled {
  /** Rules may be made after texts of the half `tuning`; the other half is only measured. */
  readonly half: 'tuning' | 'held_out';
  readonly level: Level;
  readonly about: string;
  readonly text: string;
}

/** How often a classifier is right about what is at or above a level. */
export interface Score {
  readonly precision: number;
  readonly recall: number;
}

/** The labelled set. Made-up tokens carry a mark that keeps scanners of repositories from taking them for real ones. */
export function labelled(): Labelled[] {
  const lines = readFileSync(join(PROJECT, 'test/classify/labelled.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line.replaceAll('‹›', '')) as Labelled);
}

/** The memories of the example set, whose levels were given by hand before there was a classifier. */
export function exampleYear(): { readonly level: Level; readonly text: string }[] {
  const lines = readFileSync(join(PROJECT, 'examples/year.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { sensitivity, content } = JSON.parse(line) as { sensitivity: Level; content: string };
    return { level: sensitivity, text: content };
  });
}

/** Scores a classifier on texts: what it puts at or above a level against what belongs there. */
export function score(
  texts: readonly { readonly level: Level; readonly text: string }[],
  classify: Classify,
  at: Level,
): Score {
  let [found, right, wanted] = [0, 0, 0];
  for (const { level, text } of texts) {
    const said = classify({ content: text }) as { level: Level } | undefined;
    const isFound = rank(said?.level ?? 'public') >= rank(at);
    const isWanted = rank(level) >= rank(at);
    found += Number(isFound);
    wanted += Number(isWanted);
    right += Number(isFound && isWanted);
  }
  return { precision: right / found, recall: right / wanted };
}
