import type { Registry } from '../../command.js';
import { create } from './create.js';
import { drop } from './drop.js';
import { list } from './list.js';

/** `tenants`: customers that are kept apart. */
export function tenants(program: Registry): void {
  const family = program.command(
    'tenants',
    'make, list and drop tenants, each with a store, keys and a log of its own',
  );
  for (const register of [create, list, drop]) register(program, family);
}
