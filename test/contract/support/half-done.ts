import type { StoreDriver } from '../../../src/store/driver.js';
import type { Partition } from '../../../src/store/partition.js';
import type { Steps } from '../../../src/store/steps.js';
import { at, everythingIn, namedIn, nextOf, recordOf, store, targetsOf, changeOf } from './records.js';

/** Leaves acts of each kind half done in a partition, as writers do that die at some step. */
export async function leaveHalfDone(open: (steps: Steps) => Promise<StoreDriver>, partition: Partition): Promise<void> {
  let diesAt = '';
  const driver = await open((step) => {
    if (step === diesAt) throw new Error('died');
  });
  const query = everythingIn(partition);
  const id = namedIn(partition);
  const record = (name: string) => recordOf(partition, id(`half-${name}`));
  const dies = async (step: string, act: () => Promise<unknown>) => {
    diesAt = step;
    const died = await act().then(
      () => false,
      () => true,
    );
    diesAt = '';
    if (!died) throw new Error(`nothing died at ${step}`);
  };
  await store(driver, [record('removed'), record('gone')]);
  await dies('inserted', () => store(driver, [record('undone 1'), record('undone 2')], true));
  await dies('committed', () => store(driver, [record('done 1'), record('done 2')], true));
  await dies('marked', () => driver.planned.remove(query, targetsOf([record('removed')]), at(1), 0));
  await driver.planned.remove(query, targetsOf([record('gone')]), at(1), 0);
  await dies('state kept', () => driver.planned.replace(query, changeOf(record('gone'), nextOf(record('gone'))), 0));
}
