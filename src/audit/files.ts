import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditSource, StoredGroup } from '../model/audit-storage.js';
import { REGISTRY } from './format.js';

/**
 * A log in files: those of the file sink, or of `audit dump`. A stream may lie in several files, which are taken in the
 * order of their names; the registry's groups are put in order, because every process writes its own.
 */
export class FileSource implements AuditSource {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async streams(): Promise<string[]> {
    return [...new Set((await this.#files()).map((name) => streamOf(name)))].sort();
  }

  async *groups(stream: string, from = 1): AsyncGenerator<StoredGroup> {
    const groups = stream === REGISTRY ? await this.#registry() : this.#read(stream);
    for await (const group of groups) if (!(group.group < from)) yield group;
  }

  async last(stream: string): Promise<StoredGroup | undefined> {
    let last: StoredGroup | undefined;
    for await (const group of this.groups(stream)) last = group;
    return last;
  }

  async #registry(): Promise<StoredGroup[]> {
    const all: StoredGroup[] = [];
    for await (const group of this.#read(REGISTRY)) all.push(group);
    return all.sort((a, b) => a.group - b.group);
  }

  // The number of a group is what its head says; a group without a readable head has none.
  async *#read(stream: string): AsyncGenerator<StoredGroup> {
    for (const name of (await this.#files()).filter((one) => streamOf(one) === stream)) {
      for await (const body of groupsIn(join(this.#folder, name))) yield { stream, group: numberOf(body), body };
    }
  }

  async #files(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => name.endsWith('.jsonl')).sort();
  }
}

function streamOf(name: string): string {
  const stream = name.replace(/\.\d+\.jsonl$|\.jsonl$/, '');
  return stream.startsWith(REGISTRY) ? REGISTRY : stream;
}

const FEED = 10;
const HEAD = Buffer.from('{"head":');

// A group ends with its head line; what follows the last one is a group that was not finished.
async function* groupsIn(path: string): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    let line = 0;
    for (let end = rest.indexOf(FEED); end !== -1; end = rest.indexOf(FEED, line)) {
      const isHead = rest.subarray(line, line + HEAD.length).equals(HEAD);
      line = end + 1;
      if (!isHead) continue;
      yield rest.subarray(start, line);
      start = line;
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

function numberOf(body: Buffer): number {
  const [, group] =
    /"group":(\d{1,15}),[^\n]*\n?$/.exec(body.toString('latin1', Math.max(0, body.length - 1_000))) ?? [];
  return group === undefined ? NaN : Number(group);
}
