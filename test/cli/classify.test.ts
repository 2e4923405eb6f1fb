import { describe, expect, test } from '@jest/globals';
import { createWarden } from '../../src/warden.js';
import { cli, inFolder } from './in-process.js';
import { join } from 'node:path';

const CARD = 'Remember my card 4111 1111 1111 1111.';

async function unclassified(path: string): Promise<void> {
  const warden = await createWarden({ store: { kind: 'embedded', path }, classify: false });
  const admin = { id: 'a', role: 'admin' };
  await warden.scope(admin, 'alice').addMany([{ content: CARD }, { content: 'She has asthma.' }, { content: 'x' }]);
  await warden.scope(admin, 'bob').add('bob@example.com', { level: 'public' });
  await warden.close();
}

describe('memwarden classify', () => {
  test('--dry-run counts by user and level and changes nothing; the run raises; neither shows content', () =>
    inFolder(async (folder) => {
      const data = join(folder, 'data');
      await unclassified(data);
      const args = ['classify', '--as', 'admin', '--data', data];
      const dry = await cli([...args, '--all-users', '--dry-run']);
      expect(dry.exit).toBe(0);
      expect(dry.out).toMatch(/alice *│ private *│ sensitive *│ payment-card *│ 1/);
      expect(dry.out).toMatch(/alice *│ private *│ sensitive *│ health-term *│ 1/);
      expect(dry.out).toMatch(/bob *│ public *│ private *│ email *│ 1/);
      expect(dry.out).toContain('would raise 3 memories');
      const ids = await cli([...args, '--user', 'alice', '--dry-run', '--ids', '--json']);
      const lines = ids.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toHaveLength(3);
      expect(Object.keys(lines[0]!).sort()).toEqual(['from', 'id', 'ruleId', 'to', 'userId']);
      expect(lines.at(-1)).toEqual({ raised: 2, dryRun: true });
      const done = await cli([...args, '--all-users']);
      expect(done.out).toContain('raised 3 memories');
      expect((await cli([...args, '--all-users'])).out.trim()).toBe('raised 0 memories');
      expect(dry.out + ids.out + done.out).not.toMatch(/4111|asthma|example/);
    }));

  test.each([
    [[], 2],
    [['--user', 'alice', '--all-users'], 2],
    [['--all-users', '--as', 'agent'], 3],
    [['--user', 'alice', '--as', 'agent', '--on-behalf-of', 'bob'], 3],
  ])('%j ends with %d', (flags, code) =>
    inFolder(async (folder) => {
      const as = flags.includes('--as') ? [] : ['--as', 'admin'];
      expect((await cli(['classify', '--data', join(folder, 'data'), ...as, ...flags])).exit).toBe(code);
    }),
  );
});
