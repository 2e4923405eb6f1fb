import { eachUser } from '../each-user.js';
import { sharedSearch } from '../shared-search.js';
import type { Suite } from '../suite.js';
import { tenantStores } from './stores.js';

/** Many users and many customers: what each costs. */
export const tenants: Suite = async (figures, options) => {
  await tenantStores(figures, options);
  await sharedSearch(figures, options);
  await eachUser(figures, options);
};
