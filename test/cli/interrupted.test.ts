import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { WORDINGS } from '../../src/cli/countdown.js';
import { interruptible, type Ending } from '../../src/cli/interruptible.js';
import type { Io } from '../../src/cli/io.js';
import { openWarden } from '../../src/warden.js';
import { cli, inFolder, lines } from './in-process.js';

const silent = { say: () => undefined, stop: () => undefined };

/** An io whose interrupt comes when it is asked for. */
function interrupting(): { io: Io; interrupt: () => void; listening: () => number } {
  const listeners = new Set<() => void>();
  const onInterrupt = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const io = { onInterrupt } as unknown as Io;
  return { io, interrupt: () => listeners.forEach((one) => one()), listening: () => listeners.size };
}

describe('a long act that is interrupted', () => {
  const told = async (at: 'before' | 'step' | 'wait' | 'end'): Promise<[Ending<string>, string[], number]> => {
    const { io, interrupt, listening } = interrupting();
    const done: string[] = [];
    const ending = await interruptible(io, silent, WORDINGS.erasing, async ({ steps, check }) => {
      if (at === 'before') interrupt();
      check();
      done.push('checked');
      await steps.step('begun');
      if (at === 'step') interrupt();
      await steps.step('second');
      done.push('second');
      const waiting = steps.wait(60_000);
      if (at === 'wait') interrupt();
      if (at !== 'end') await waiting;
      else waiting.catch(() => undefined);
      if (at === 'end') interrupt();
      return 'value';
    });
    return [ending, done, listening()];
  };

  test.each([
    ['before', { begun: false }, []],
    ['step', { begun: true }, ['checked']],
    ['wait', { begun: true }, ['checked', 'second']],
    ['end', { value: 'value' }, ['checked', 'second']],
  ] as const)('ends where it can be gone on with, and says whether it was begun: %s', async (at, ending, done) => {
    expect(await told(at)).toEqual([ending, done, 0]);
  });

  test('what goes wrong of itself is told as it is', async () => {
    const { io, listening } = interrupting();
    const act = () => Promise.reject(new Error('of its own'));
    await expect(interruptible(io, silent, WORDINGS.erasing, act)).rejects.toThrow('of its own');
    expect(listening()).toBe(0);
  });
});

describe('erasures that were cut off', () => {
  test('S22: the way on writes all certificates into --out, one a line, and each holds', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'data');
      const store = ['--data', path, '--as', 'admin'];
      for (const user of ['alice', 'bob']) {
        const cut = new Error('cut off');
        const step = (name: string) => {
          if (name === 'fenced') throw cut;
        };
        const warden = await openWarden({ store: { kind: 'embedded', path } }, { step });
        await expect(warden.keys.erase({ id: 'op', role: 'admin' }, user)).rejects.toBe(cut);
        await warden.close();
      }
      const out = join(folder, 'certificates.ndjson');
      const ran = await cli(['erasure', 'run', ...store, '--out', out, '--json']);
      expect(ran.exit).toBe(0);
      expect(lines(ran.out)).toHaveLength(2);
      expect(lines(readFileSync(out, 'utf8'))).toEqual(lines(ran.out));
      expect(statSync(out).mode & 0o777).toBe(0o600);
      const keys = join(folder, 'keys.json');
      writeFileSync(keys, (await cli(['keys', 'public', '--data', path, '--json'])).out);
      const verified = await cli(['erasure', 'verify', out, '--keys', keys, '--json']);
      expect([verified.exit, lines(verified.out).map(({ valid }) => valid)]).toEqual([0, [true, true]]);
      writeFileSync(out, readFileSync(out, 'utf8').replace(/"states":0/g, '"states":1'));
      expect(await cli(['erasure', 'verify', out, '--keys', keys])).toMatchObject({ exit: 2, out: '' });
      const none = await cli(['erasure', 'run', ...store, '--out', join(folder, 'none')]);
      expect([none.exit, none.out]).toEqual([0, 'no erasure was cut off\n']);
    }));
});
