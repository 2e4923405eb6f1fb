import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { JSON_HEADER } from './formats.js';
import type { Output } from './output.js';

/** What the page of a data-subject request says at its top. */
export interface ZipAbout {
  readonly userId: string;
  readonly at: Date;
  readonly count: number;
  /** Where the user wrote in spaces, with how much of that is handed out here. */
  readonly spaces: readonly { readonly space: string; readonly memories: number }[];
  /** Those of them whose rules kept some of it, or all, back. */
  readonly withheld: readonly string[];
}

/**
 * Packs the JSON form of one user's export for a person: `index.html`, which any browser shows offline, and
 * `memories.json`. In constant memory.
 *
 * @param json the bytes of the JSON form, which are read twice
 * @param into takes the ZIP
 */
export async function packForPerson(json: Bytes, into: Output, about: ZipAbout): Promise<void> {
  const zip = new ZipFile();
  const mtime = about.at;
  zip.addReadStreamLazy('index.html', { mtime }, (done) => done(null, Readable.from(page(json, about))));
  zip.addReadStreamLazy('memories.json', { mtime }, (done) => done(null, Readable.from(json())));
  zip.end();
  const packed = zip.outputStream.pipe(new PassThrough());
  zip.on('error', (error: Error) => packed.destroy(error));
  for await (const chunk of packed) await into.writeBytes(chunk as Buffer);
  await into.sync();
}

type Bytes = () => AsyncIterable<Buffer>;

async function* page(json: Bytes, { userId, at, count, spaces, withheld }: ZipAbout): AsyncGenerator<string> {
  const title = `What is kept about ${escaped(userId)}`;
  yield `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:16px/1.5 sans-serif;margin:2em auto;max-width:60em;padding:0 1em}article{border-top:1px solid #bbb;padding:.8em 0}
p{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0}small{color:#444}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em}</style>
</head><body><h1>${title}</h1>
<p>${count} memories, newest first, as they were at ${at.toISOString()}. The same, for programs: memories.json.</p>
`;
  for (const { space, memories } of spaces) {
    const kept = withheld.includes(space) ? '; what was written there may not be handed out by who asked' : '';
    yield `<p>Of these, written in the shared space ${escaped(space)}: ${memories}${kept}.</p>\n`;
  }
  for await (const line of createInterface({ input: Readable.from(json()), crlfDelay: Infinity })) {
    if (!line.startsWith('{') || JSON_HEADER.startsWith(line)) continue;
    yield article(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line) as Record<string, unknown>);
  }
  yield '</body></html>\n';
}

function article({ content, metadata, occurred_at, speaker, sensitivity, category, ...rest }: Record<string, unknown>) {
  const said = [occurred_at, speaker, sensitivity, category].filter((one) => one !== undefined).map(textOf);
  const more = { ...(metadata === undefined ? {} : { metadata }), ...rest };
  return `<article><small>${said.map(escaped).join(' &middot; ')}</small>
<p>${escaped(textOf(content ?? ''))}</p>
<details><summary>details</summary><pre>${escaped(JSON.stringify(more, undefined, 1))}</pre></details></article>
`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

// What HTML cannot hold is shown as the picture of the character; memories.json has it as it is.
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, (one) => String.fromCharCode(0x2400 + one.charCodeAt(0)))
    .replace(
      /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
