import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { admin, cli, inFolder, lines, type Ran } from './in-process.js';

/** A line of NDJSON. */
export const line = (value: object): string => `${JSON.stringify(value)}\n`;

/** A file to import, and a store to import it into. */
export interface Setting {
  readonly file: string;
  readonly data: string[];
  write(text: string | Buffer): Promise<void>;
  import(...flags: string[]): Promise<Ran>;
  contents(user: string): Promise<unknown[]>;
}

export async function inSetting(work: (setting: Setting) => Promise<void>, name = 'in.ndjson'): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, name);
    const data = ['--data', join(folder, 'd'), '--json'];
    await work({
      file,
      data,
      write: (text) => writeFile(file, text),
      import: (...flags) => cli(['import', file, ...flags, ...data]),
      contents: async (user) =>
        lines((await cli(['list', ...admin(user), '--all', ...data])).out).map((one) => one['content']),
    });
  });
}
