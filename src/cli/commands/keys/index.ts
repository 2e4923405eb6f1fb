import type { Registry } from '../../command.js';
import { createFile } from './create-file.js';
import { publicKeys } from './public.js';
import { rewrap } from './rewrap.js';
import { rotate } from './rotate.js';
import { status } from './status.js';

/** `keys`: what memories are encrypted with. */
export function keys(program: Registry): void {
  const family = program.command('keys', 'the keys that memories are encrypted with');
  for (const register of [status, rotate, rewrap, createFile, publicKeys]) register(program, family);
}
