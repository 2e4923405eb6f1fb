import { describe, expect, test } from '@jest/globals';
import { createWarden } from '../../src/warden.js';
import { cli, inFolder, storeIn } from './in-process.js';
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
      await storeIn(join(folder, 'data'));
      expect((await cli(['classify', '--data', join(folder, 'data'), ...as, ...flags])).exit).toBe(code);
    }),
  );
});

test('--space raises what is stored in a space, for its members alone', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'data');
    const warden = await createWarden({ store: { kind: 'embedded', path }, classify: false });
    const team = warden.space({ id: 'a', role: 'admin', userId: 'ann' }, 'team');
    await team.create({ onErase: 'keep', members: [{ user: 'ann', access: 'write' }] });
    await team.addMany([{ content: CARD }, { content: 'x' }]);
    await warden.close();
    const classify = (...flags: string[]) => cli(['classify', '--as', 'admin', '--data', path, ...flags]);
    const ann = ['--space', 'team', '--on-behalf-of', 'ann'];
    const dry = await classify(...ann, '--dry-run');
    expect(dry.out).toMatch(/space[^]*team *│ private *│ sensitive *│ payment-card *│ 1/);
    expect((await classify('--space', 'team')).out.trim()).toBe('raised 0 memories');
    expect((await classify('--space', 'absent')).out.trim()).toBe('raised 0 memories');
    const [first, last] = (await classify(...ann, '--json')).out.trim().split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      space: 'team',
      from: 'private',
      to: 'sensitive',
      ruleId: 'payment-card',
    });
    expect(JSON.parse(last!)).toEqual({ raised: 1, dryRun: false });
    expect((await classify(...ann, '--user', 'ann')).exit).toBe(2);
  }));
