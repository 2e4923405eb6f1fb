import type { Principal } from '../../src/model/principal.js';
import type { Random } from './random.js';
import { LEVELS } from './rules.js';
import { OWNERS, PURPOSES, TEAMS, TIERS, TIMES, writtenTime } from './values.js';

/** A principal of one of the roles; its facts are there or missing. */
export function principalOf(random: Random, roles: readonly string[], owner: string): Principal {
  const attributes = {
    ...(random.chance(0.75) ? { team: random.pick(TEAMS) } : {}),
    ...(random.chance(0.75) ? { clearance: random.pick(LEVELS) } : {}),
    ...(random.chance(0.75) ? { since: writtenTime(random.pick(TIMES), random.pick([0, 2])) } : {}),
    ...(random.chance(0.75) ? { vip: random.chance(0.8) } : {}),
    ...(random.chance(0.75) ? { tier: random.pick(TIERS) } : {}),
  };
  return {
    id: random.pick(['work', 'general', '\u{1F600}']),
    role: random.pick(roles),
    ...(random.chance(0.85) ? { userId: random.chance(0.8) ? owner : random.pick(OWNERS) } : {}),
    ...(random.chance(0.7) ? { purpose: random.pick(PURPOSES) } : {}),
    ...(random.chance(0.9) ? { attributes } : {}),
  };
}
