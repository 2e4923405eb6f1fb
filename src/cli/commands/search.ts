import type { Hit } from '../../index.js';
import type { SearchOptions } from '../../memory/searching.js';
import type { Register } from '../command.js';
import { badArgument, warn } from '../failure.js';
import { given, integer, jsonOption, once, repeatable, withScope, type ScopeFlags } from '../flags.js';
import { highlighted, markFor } from '../highlight.js';
import { modeOption } from '../mode-flag.js';
import { withMemory } from '../open.js';
import type { Output } from '../output.js';
import { selectionOf, withSelection, type SelectionFlags } from '../selection-flags.js';
import { visible } from '../visible.js';

interface SearchFlags extends ScopeFlags, SelectionFlags {
  readonly limit?: number;
  readonly minScore?: string;
  readonly mode?: NonNullable<SearchOptions['mode']>;
  readonly fill?: boolean;
  readonly explain?: boolean;
  readonly speaker?: string;
  readonly metadata?: unknown;
  readonly id?: readonly string[];
  readonly expiresFrom?: string;
  readonly expiresTo?: string;
}

/** `search`: the memories that answer a query best. */
export const search: Register = (program) => {
  const command = withSelection(withScope(program.command('search <query>', 'find memories, the best first')))
    .addOption(integer('--limit <n>', 'how many, 1 to 1000 (10 where none is given)'))
    .addOption(once('--min-score <n>', 'leave out what scores less, 0 to 1'))
    .addOption(modeOption())
    .option('--fill', 'then the newest, with score 0')
    .option('--explain', 'say how each score came about')
    .addOption(once('--speaker <name>', 'said by this speaker'))
    .addOption(repeatable('--id <id>', 'this memory; may be given several times'))
    .addOption(once('--expires-from <time>', 'expires at or after this moment'))
    .addOption(once('--expires-to <time>', 'expires before this moment'))
    .addOption(jsonOption('--metadata <json>', 'metadata holds these keys with these values'));
  program.act<SearchFlags>(command, async ({ io, output }, flags, query = '') => {
    const { speaker, metadata, id, expiresFrom, expiresTo, explain = false } = flags;
    const more = given({ speaker, metadata, id, expiresFrom, expiresTo });
    const filter = { ...selectionOf(flags), ...more } as SearchOptions['filter'];
    const options: SearchOptions = {
      // Where words stand in a text is known to an explained search alone.
      explain: explain || !output.json,
      ...given({ limit: flags.limit, minScore: toScore(flags.minScore), mode: flags.mode, filter }),
      ...(flags.fill ? { fill: 'recent' } : {}),
    };
    let failed: string | number | undefined;
    const hits = await withMemory(flags, io, (memory) => memory.search(query, options), {
      onAlarm({ name, detail }) {
        if (name === 'search_without_meaning') failed = detail['code'];
      },
    });
    const alone = 'by words alone: the embedder failed';
    if (output.json) {
      // Hits say it themselves.
      if (failed !== undefined && hits.length === 0) await warn(io, true, alone, failed);
      await output.list(hits, [], () => []);
    } else {
      if (failed !== undefined) await output.people(`${alone} (${failed})`);
      if (hits.length === 0) await output.people('no memories');
      for (const hit of hits) await output.people(hitText(hit, output, explain));
    }
    return undefined;
  });
};

function toScore(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^(?:0?\.\d{1,9}|0|1)$/.test(text)) throw badArgument('--min-score', 'not a number from 0 to 1');
  return Number(text);
}

function hitText({ memory, score, explain }: Hit, output: Output, explained: boolean): string {
  const { id, level, occurredAt, speaker, content } = memory;
  const about = [score.toFixed(3), id, level ?? '-', occurredAt?.toISOString().slice(0, 10) ?? '-', speaker ?? '']
    .map(visible)
    .join('  ')
    .trimEnd();
  const text = highlighted(content ?? '-', explain?.spans ?? [], output.room * 2, markFor(output.isTerminal));
  const lines = [about, `       ${text}`];
  if (explained && explain) {
    if (explain.semantic !== undefined) lines.push(`       by meaning: ${explain.semantic.toFixed(3)}`);
    for (const { word, weight, frequency, part } of explain.words)
      lines.push(`       ${visible(word)}: ${part.toFixed(3)} (weight ${weight.toFixed(3)}, frequency ${frequency})`);
    for (const [name, factor] of Object.entries(explain.factors ?? {}) as [string, number][])
      if (factor !== 1) lines.push(`       times ${factor.toFixed(3)} (${name})`);
  }
  return lines.join('\n');
}
