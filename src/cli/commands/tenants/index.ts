import type { Registry } from '../../command.js';
import { create } from './create.js';
import { drop } from './drop.js';
import { list } from './list.js';

/** `tenants`: customers that are kept apart. */
export function tenants(program: Registry): void {
  const family = program.command('tenants', 'make, list and drop tenants, kept apart from one another');
  for (const register of [create, list, drop]) register(program, family);
}
