import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { inSetting } from './import-setting.js';
import { admin, cli, json, lines } from './in-process.js';

describe('import of transcripts', () => {
  const messages = [
    { role: 'user', content: 'I moved to Turin.' },
    { role: 'assistant', content: 'Noted.', name: 'Concierge' },
    { role: 'user', content: 'In May.', timestamp: '2025-05-01T10:00:00.000Z' },
  ];

  test('each message is a memory, in order, of one session, with its speaker', () =>
    inSetting(async ({ data, write, import: run }) => {
      await write(
        JSON.stringify(
          { messages: messages.slice(0, 2), session_id: 's7', sensitivity: 'public', app_id: 'desk' },
          null,
          2,
        ),
      );
      expect((await run(...admin('alice'))).exit).toBe(0);
      const found = lines((await cli(['list', ...admin('alice'), ...data])).out);
      expect(
        found.map((one) => [one['content'], one['speaker'], one['sessionId'], one['level'], one['appId']]),
      ).toEqual([
        ['Noted.', 'Concierge', 's7', 'public', 'desk'],
        ['I moved to Turin.', 'user', 's7', 'public', 'desk'],
      ]);
    }, 'chat.json'));

  test('a bare list of messages gets one session', () =>
    inSetting(async ({ data, write, import: run }) => {
      await write(JSON.stringify(messages));
      expect((await run(...admin('alice'))).exit).toBe(0);
      const found = lines((await cli(['list', ...admin('alice'), ...data])).out);
      expect(new Set(found.map((one) => one['sessionId'])).size).toBe(1);
      expect(found.at(-1)).toMatchObject({ content: 'In May.', occurredAt: '2025-05-01T10:00:00.000Z' });
    }, 'chat'));

  test('a bad message is set aside as a transcript of its own, which imports once it is corrected', () =>
    inSetting(async ({ file, data, write, import: run, contents }) => {
      await write(JSON.stringify([messages[0], { role: 'user', content: '', mood: 'good' }, messages[1]]));
      const ran = await run(...admin('alice'));
      expect([ran.exit, lines(ran.err)]).toEqual([8, [{ message: 2, code: 'invalid_argument', argument: 'content' }]]);
      const aside = json(await readFile(`${file}.rejected.ndjson`, 'utf8'));
      await writeFile(
        `${file}.again.json`,
        JSON.stringify({ ...aside, messages: [{ role: 'user', content: 'Better.' }] }),
      );
      expect((await cli(['import', `${file}.again.json`, ...admin('alice'), ...data])).exit).toBe(0);
      expect(await contents('alice')).toEqual(['Better.', 'Noted.', 'I moved to Turin.']);
    }, 'chat.json'));

  test('what is no transcript is refused whole', () =>
    inSetting(async ({ write, import: run, contents }) => {
      for (const text of ['{', '{}', '{"messages":{}}', '{"messages":[],"role":"admin"}', 'null', '"x"']) {
        await write(text);
        expect([text, (await run(...admin('alice'))).exit]).toEqual([text, 2]);
      }
      expect(await contents('alice')).toEqual([]);
    }, 'chat.json'));
});
