import type { Registry } from '../../command.js';
import { create } from './create.js';
import { list } from './list.js';
import { notBefore } from './not-before.js';
import { revoke } from './revoke.js';

/** `credentials`: what programs show at the doors. */
export function credentials(program: Registry): void {
  const family = program.command('credentials', 'the API keys of the doors, and which tokens are void');
  for (const register of [create, list, revoke, notBefore]) register(program, family);
}
