import type { Registry } from '../../command.js';
import { addShared, memories, searchShared } from './memories.js';
import { createSpace, eraseSpace, grant, listSpaces, members, revoke } from './whole.js';

const ALL = [listSpaces, createSpace, members, grant, revoke, addShared, memories, searchShared, eraseSpace];

/** `space`: memories that belong to no one user, and who may see them. */
export function space(program: Registry): void {
  const family = program.command('space', 'shared memories, and who may see them');
  for (const register of ALL) register(program, family);
}
