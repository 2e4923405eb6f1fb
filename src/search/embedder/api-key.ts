import { readFile } from 'node:fs/promises';
import { MemwardenError } from '../../errors/memwarden-error.js';

// What a header can carry and a key is made of; no white space, no line ends.
const KEY = /^[\x21-\x7e]{1,4096}$/;

/**
 * The key of a server, from the environment or from a file. It is in no option, so that it is in no dump of options.
 *
 * @throws MemwardenError config_invalid where it is named and not there, or is no key
 */
export async function readKey(
  from: { readonly apiKeyEnv?: string; readonly apiKeyFile?: string },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const { apiKeyEnv: name, apiKeyFile: file } = from;
  if (name === undefined && file === undefined) return undefined;
  const argument = name === undefined ? 'embedder.apiKeyFile' : 'embedder.apiKeyEnv';
  const text = name === undefined ? await readFile(file ?? '', 'utf8').catch(() => '') : environment[name];
  const key = (text ?? '').trim();
  if (!KEY.test(key)) throw new MemwardenError('config_invalid', { argument });
  return key;
}
