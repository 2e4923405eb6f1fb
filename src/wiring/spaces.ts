import { leaveSpaces, settleSpaces, type LeaveSpacesOptions } from '../compliance/erase/leave-spaces.js';
import type { EraserOptions } from '../compliance/erase/eraser-options.js';
import type { Settings } from '../config/options.js';
import type { GuardContext } from '../guard/context.js';
import { SpaceRegister } from '../guard/space-register.js';
import type { Alarms } from '../metrics/alarms.js';
import { isSpace } from '../model/space.js';
import type { Partition } from '../model/partition.js';
import type { StoreDriver } from '../store/driver.js';
import type { Keys } from './keys.js';

/** Wires what shared spaces need: their access lists, and the end of what was decided under one that has changed. */
export function spacesOf({ rings }: Keys, { lists, maintenance }: StoreDriver): NonNullable<GuardContext['spaces']> {
  return {
    lists,
    // From then on no write lands that was sealed before (S8, S22).
    async pass(partition) {
      const epoch = await rings.pass(partition);
      if (epoch !== undefined) await maintenance.fence(partition, epoch);
    },
    letIn: (partition, secretId) => rings.letIn(partition, secretId),
  };
}

/** Wires what takes a user who is being erased from shared spaces. */
export function leavingOf(
  keys: Keys,
  driver: StoreDriver,
  { clock }: Settings,
  alarms: Alarms,
): NonNullable<EraserOptions['leave']> {
  const { lists, maintenance } = driver;
  const register = new SpaceRegister({ lists, sealer: keys.rings, clock, alarms });
  const pass = async (space: Partition, secretIds: readonly string[]) => {
    const epoch = await keys.rings.pass(space, secretIds);
    if (epoch !== undefined) await maintenance.fence(space, epoch);
  };
  const options: LeaveSpacesOptions = { lists, register, maintenance, pseudonyms: keys.pseudonyms, pass };
  return {
    // A space is on no list.
    begin: async (user, note) => void (isSpace(user) || (await leaveSpaces(options, user, note))),
    settle: async (user, note) => void (isSpace(user) || (await settleSpaces(options, user, note))),
  };
}
