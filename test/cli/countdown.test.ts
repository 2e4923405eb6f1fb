import { describe, expect, test } from '@jest/globals';
import { countdown, WORDINGS } from '../../src/cli/countdown.js';

describe('A command that waits before a certificate may be signed', () => {
  test('says every second how long that still is, and waits no less than it was told', async () => {
    const said: string[] = [];
    let waited = 0;
    const count = { say: (text: string) => void said.push(text), stop: () => undefined };
    const wait = countdown(count, WORDINGS.erasing, (ms) => Promise.resolve((waited += ms)));
    await wait(61_500);
    expect(waited).toBe(61_500);
    expect(said.length).toBe(63);
    expect(said.slice(0, 2)).toEqual([
      'erasing: every process lets go of the keys; the certificate is signed in 62 s',
      'erasing: every process lets go of the keys; the certificate is signed in 61 s',
    ]);
    expect(said.slice(-2)).toEqual([
      'erasing: every process lets go of the keys; the certificate is signed in 1 s',
      'erasing: what came in between is deleted, then the certificate is signed',
    ]);
  });

  test.each(Object.values(WORDINGS))('says it in lines that fit a terminal of 80 columns: $doing', async (wording) => {
    const said: string[] = [];
    const count = { say: (text: string) => void said.push(text), stop: () => undefined };
    await countdown(count, wording, () => Promise.resolve())(61_000);
    expect(said).toHaveLength(62);
    expect(Math.max(...said.map((line) => line.length))).toBeLessThanOrEqual(79);
  });
});
