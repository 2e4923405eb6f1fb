import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { highlighted } from '../../src/cli/highlight.js';
import { locomoFolder } from '../bench/locomo.js';
import { startEmbeddingServer } from '../support/embedding-server.js';
import { admin, agent, cli, inFolder, json, lines, storeIn } from './in-process.js';

const TURNS = [
  {
    dia_id: 'D1:1',
    session: 1,
    date_time: '1:56 pm on 8 May, 2023',
    speaker: 'Ann',
    text: 'Which instrument do you play?',
  },
  { dia_id: 'D1:2', session: 1, date_time: '1:56 pm on 8 May, 2023', speaker: 'Ben', text: 'The cello, since school.' },
  { dia_id: 'D2:1', session: 2, date_time: '9:00 am on 3 June, 2023', speaker: 'Ann', text: 'I bought a red bicycle.' },
];
const QUESTIONS = [
  { question: 'What instrument does Ben play?', category: 1, evidence: ['D1:2'] },
  { question: 'What did Ann buy in June?', category: 2, evidence: ['D2:1', 'D9:9'] },
  { question: 'Does not count', category: 5, evidence: ['D1:1'] },
  { question: 'Nor this', category: 1, evidence: ['D9:9'] },
  { question: 'Nor that', category: 1 },
];

describe('memwarden search', () => {
  test('a list that selects nothing says so to people, and prints nothing for machines', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'data')];
      await storeIn(join(folder, 'data'));
      expect(await cli(['list', ...agent('alice'), ...data])).toEqual({ exit: 0, out: 'no memories\n', err: '' });
      expect(await cli(['list', ...agent('alice'), '--json', ...data])).toEqual({ exit: 0, out: '', err: '' });
    }));

  test('prints the best first, with scores; a line a hit with --json', () =>
    inFolder(async (folder) => {
      const data = ['--data', join(folder, 'data')];
      for (const text of ['Alice is vegetarian.', 'Alice lives in Bristol.', 'A window seat, please.'])
        await cli(['add', text, ...agent('alice'), ...data]);
      const { out, exit } = await cli(['search', 'Is Alice vegetarian?', ...agent('alice'), ...data, '--limit', '1']);
      expect(exit).toBe(0);
      expect(out).toMatch(/^0\.\d{3} {2}[0-9a-f-]{36} {2}private {2}\d{4}-\d\d-\d\d\n {7}Alice is vegetarian\.\n$/);
      const hits = lines((await cli(['search', 'vegetarian', ...agent('alice'), ...data, '--json', '--fill'])).out);
      expect(hits.map(({ score }) => (score as number) > 0)).toEqual([true, false, false]);
      expect(hits[0]).toMatchObject({ matched: ['vegetarian'], memory: { content: 'Alice is vegetarian.' } });
      expect(hits[0]).not.toHaveProperty('explain');
      expect((await cli(['search', 'vegetarian', ...agent('alice'), ...data, '--explain'])).out).toMatch(
        /vegetarian: 0\.\d{3} \(weight 1\.000, frequency 1\)/,
      );
      expect((await cli(['search', 'zebra', ...agent('alice'), ...data])).out).toBe('no memories\n');
      for (const flag of [
        ['--min-score', '2'],
        ['--min-score', '0x1'],
        ['--limit', '0'],
        ['--metadata', '{"a":{"$gt":1}}'],
        ['--mode', 'fuzzy'],
      ])
        expect([flag, (await cli(['search', 'x', ...agent('alice'), ...data, ...flag])).exit]).toEqual([flag, 2]);
      expect(
        (await cli(['search', 'vegetarian', '--user', 'alice', '--as', 'agent', '--on-behalf-of', 'bob', ...data]))
          .exit,
      ).toBe(3);
    }));

  test('matches are marked, and no text of others reaches the terminal as it is', () => {
    const mark = (text: string) => `<${text}>`;
    expect(
      highlighted(
        'a lamp and a lamp',
        [
          [2, 6],
          [13, 17],
        ],
        80,
        mark,
      ),
    ).toBe('a <lamp> and a <lamp>');
    expect(highlighted('\u001b[2J lamp \u0007', [[5, 9]], 80, mark)).toBe('\\u{1b}[2J <lamp> \\u{7}');
    expect(highlighted(`${'word '.repeat(40)}lamp after`, [[200, 204]], 60, mark)).toMatch(/^…[\w ]{24}<lamp> after$/);
    expect(highlighted('x'.repeat(200), [], 20, mark)).toHaveLength(20);
    expect(highlighted(`${'😀'.repeat(60)}lamp`, [[120, 124]], 40, mark).isWellFormed()).toBe(true);
  });
});

describe('memwarden eval', () => {
  test('measures what counts, in a store that is gone afterwards', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'talk.json');
      await writeFile(file, JSON.stringify({ conversation: 'x', turns: TURNS, questions: QUESTIONS }));
      const temporary = process.env['TMPDIR'];
      process.env['TMPDIR'] = join(folder, 'temporary');
      await mkdir(join(folder, 'temporary'));
      const { out, exit, err } = await cli(['eval', file, '--json']);
      expect([exit, err]).toEqual([0, '']);
      expect(json(out.trim().split('\n').at(-1)!)).toMatchObject({
        'recall@5': 1,
        'recall@10': 1,
        'recall@20': 1,
        'hit@10': 1,
        questions: 2,
        p50_ms: expect.any(Number),
      });
      expect(await readdir(join(folder, 'temporary'))).toEqual([]);
      process.env['TMPDIR'] = temporary ?? '';
      if (temporary === undefined) delete process.env['TMPDIR'];
      expect(json((await cli(['eval', file, file, '--json', '--k', '1'])).out)).toMatchObject({
        'recall@1': 1,
        questions: 4,
      });
      expect((await cli(['eval', file])).out).toContain('recall@10');
    }));

  test('measures each mode with an embedder, which a search by words does not ask', () =>
    inFolder(async (folder) => {
      const server = await startEmbeddingServer(8, ['cello=instrument', 'bicycle=bike']);
      try {
        const file = join(folder, 'talk.json');
        await writeFile(file, JSON.stringify({ turns: TURNS, questions: QUESTIONS }));
        const embedder = join(folder, 'embedder.json');
        const options = { kind: 'http', url: server.url, model: 'm', disclose: { maxLevel: 'private' } };
        await writeFile(embedder, JSON.stringify(options));
        const run = async (...more: string[]) =>
          json((await cli(['eval', file, '--json', '--embedder', embedder, ...more])).out.trim().split('\n').at(-1)!);
        expect(await run('--mode', 'lexical')).toMatchObject({ questions: 2, 'recall@10': 1 });
        expect(server.texts).toEqual([]);
        for (const mode of [['--mode', 'semantic'], ['--mode', 'hybrid'], []]) {
          server.texts.length = 0;
          const figures = await run(...mode);
          expect(figures).toMatchObject({ questions: 2, 'recall@10': expect.any(Number) });
          expect(figures).not.toHaveProperty('without_meaning');
          expect(server.texts).toEqual(
            [...TURNS, ...QUESTIONS.slice(0, 2)].map((one) => ('text' in one ? one.text : one.question)),
          );
        }
        server.fault = (response) => response.writeHead(500).end();
        // What could not be embedded is no measure of a search by meaning.
        expect((await cli(['eval', file, '--json', '--embedder', embedder, '--mode', 'hybrid'])).exit).toBe(7);
        const data = ['--data', join(folder, 'data'), '--embedder', embedder];
        await cli(['add', 'a bicycle', ...agent('alice'), ...data]);
        const shown = await cli(['search', 'bicycle', ...agent('alice'), ...data, '--mode', 'hybrid']);
        expect(shown.out).toMatch(/^by words alone: the embedder failed \(embedder_unavailable\)\n0\.\d{3} /);
        expect((await cli(['search', 'bike', ...agent('alice'), ...data, '--mode', 'semantic'])).exit).toBe(7);
        server.fault = undefined;
        expect((await cli(['embed', ...data])).out).toContain('embedded 1 memory;');
        const near = await cli(['search', 'bike', ...agent('alice'), ...data, '--mode', 'semantic', '--explain']);
        expect(near.out).toMatch(/a bicycle\n {7}by meaning: 0\.\d{3}\n$/);
      } finally {
        await server.close();
      }
    }));

  test('says what is wrong with a file, a list or a mode', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'talk.json');
      const bad = [
        'not json',
        '[]',
        '{"turns":[],"questions":[]}',
        JSON.stringify({
          turns: [
            { dia_id: 'a', text: 'x' },
            { dia_id: 'a', text: 'y' },
          ],
          questions: [],
        }),
        JSON.stringify({ turns: [{ dia_id: 'a', text: 'x', date_time: 'yesterday' }], questions: [] }),
      ];
      for (const text of bad) {
        await writeFile(file, text);
        expect([text, (await cli(['eval', file])).exit]).toEqual([text, 2]);
      }
      expect((await cli(['eval', join(folder, 'none.json')])).exit).toBe(2);
      await writeFile(file, JSON.stringify({ turns: TURNS, questions: QUESTIONS }));
      for (const flags of [
        ['--k', '0'],
        ['--k', '5,5'],
        ['--k', 'ten'],
        ['--k', '1001'],
        ['--mode', 'hybrid'],
      ])
        expect([flags, (await cli(['eval', file, ...flags])).exit]).toEqual([flags, 2]);
      expect((await cli(['eval'])).exit).toBe(2);
    }));

  const there = locomoFolder();
  if (there === undefined)
    console.warn('\n!! SKIPPED: the LoCoMo conversations are not here; name their folder in MEMWARDEN_LOCOMO.\n');
  (there === undefined ? test.skip : test)(
    `${there === undefined ? 'SKIPPED, the conversations are not here: ' : ''}retrieval on LoCoMo reaches its figures, and names and order change nothing`,
    () =>
      inFolder(async (folder) => {
        const files = (await readdir(there!)).filter((name) => name.endsWith('.json')).sort();
        const renamed: string[] = [];
        await mkdir(join(folder, 'renamed'));
        for (const [i, name] of files.entries()) {
          const text = await readFile(join(there!, name), 'utf8');
          const path = join(folder, 'renamed', `${files.length - i}.json`);
          await writeFile(
            path,
            text
              .replace(/"D(\d+):(\d+)"/g, (_, a: string, b: string) => `"t${Number(b) * 977 + Number(a)}.${a}"`)
              .replace(/"locomo-\d+"/, `"z${i}"`),
          );
          renamed.unshift(path);
        }
        const figures = json(
          (await cli(['eval', ...files.map((name) => join(there!, name)), '--mode', 'lexical', '--json'])).out,
        );
        expect(figures['questions']).toBe(760);
        expect(figures['recall@5']).toBeGreaterThanOrEqual(0.72);
        expect(figures['recall@10']).toBeGreaterThanOrEqual(0.79);
        expect(figures['recall@20']).toBeGreaterThanOrEqual(0.84);
        const again = json((await cli(['eval', ...renamed, '--mode', 'lexical', '--json'])).out);
        for (const name of Object.keys(figures).filter((one) => !one.endsWith('_ms')))
          expect([name, again[name]]).toEqual([name, figures[name]]);
      }),
    120_000,
  );
});

test('S7: what an agent may not read is not found on the command line either', () =>
  inFolder(async (folder) => {
    const data = ['--data', join(folder, 'data')];
    await cli(['add', 'Alice takes insulin.', ...admin('alice'), '--level', 'sensitive', ...data]);
    expect((await cli(['search', 'insulin', ...agent('alice'), ...data])).out).toBe('no memories\n');
    expect((await cli(['search', 'insulin', ...admin('alice'), ...data])).out).toContain('insulin');
  }));
