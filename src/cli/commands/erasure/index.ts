import type { Registry } from '../../command.js';
import { replay } from './replay.js';
import { runErasure } from './run.js';
import { verify } from './verify.js';

/** `erasure`: forgetting a user, and proving it. */
export function erasure(program: Registry): void {
  const family = program.command('erasure', 'forget users, and prove it');
  for (const register of [runErasure, verify, replay]) register(program, family);
}
