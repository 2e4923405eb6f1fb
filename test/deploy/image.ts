import { readFileSync } from 'node:fs';

/** What an image is started with, as a Dockerfile says it of its last stage. */
export interface Image {
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
  /** Where it may write. */
  readonly volume: string;
  /** What is copied to its working folder. */
  readonly copied: readonly string[];
}

/** The image of this project. */
export function image(): Image {
  const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const [last = ''] = text.split(/^FROM /m).slice(-1);
  const lines = last
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n');
  const of = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length));
  const pairs = of('ENV').flatMap((line) => line.trim().split(/\s+/));
  const [health = ''] = of('HEALTHCHECK');
  if (of('ENTRYPOINT').length > 0) throw new Error('an entry point of the image would have to be started too');
  return {
    env: Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)])),
    command: JSON.parse(of('CMD').at(-1) ?? '') as string[],
    healthCheck: JSON.parse(/CMD (\[.*\])$/.exec(health)?.[1] ?? '') as string[],
    volume: of('VOLUME').join().trim(),
    copied: of('COPY').map((line) => line.trim().split(/\s+/).at(-2)?.split('/').at(-1) ?? ''),
  };
}
