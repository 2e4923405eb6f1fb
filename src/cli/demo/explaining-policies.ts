import { appendFile, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGED_POLICIES } from '../../config/options.js';

const RULE = `  - id: demo-export-explains
    action: explain
    subject: Memory
    reason: The demo asks in the name of export why it may read what it may.
`;

/** Puts the package's policies into a folder, with one rule more, because export may not ask why. */
export async function explainingPolicies(folder: string): Promise<string> {
  await mkdir(folder);
  for (const name of await readdir(PACKAGED_POLICIES)) {
    if (name.endsWith('.yaml')) await copyFile(join(PACKAGED_POLICIES, name), join(folder, name));
  }
  await appendFile(join(folder, 'export.yaml'), RULE);
  return folder;
}
