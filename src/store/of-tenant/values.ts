import type { KeyValueStore } from '../../model/key-value.js';
import { DEFAULT_TENANT } from '../../model/tenant.js';
import type { ServiceStore } from '../service.js';
import { refused } from './own.js';

/** What the names of everything begin with that is kept for a tenant; no name of the deployment's own does, and no two tenants share one. */
export function familyOf(tenant: string): string {
  return `t:${tenant}:`;
}

/** The documents of one tenant: each namespace is its own. */
export function valuesOfTenant(values: KeyValueStore, tenant: string): KeyValueStore {
  if (tenant === DEFAULT_TENANT) return values;
  const own = (namespace: string) => familyOf(tenant) + namespace;
  return {
    get: (namespace, key) => values.get(own(namespace), key),
    insert: (namespace, key, value, expiresAt) => values.insert(own(namespace), key, value, expiresAt),
    replace: (namespace, key, version, value, expiresAt) =>
      values.replace(own(namespace), key, version, value, expiresAt),
    remove: (namespace, key, version) => values.remove(own(namespace), key, version),
    list: (namespace, limit, after) => values.list(own(namespace), limit, after),
    add: (namespace, key, amount, expiresAt) => values.add(own(namespace), key, amount, expiresAt),
    removeFamily: (family, limit) => values.removeFamily(own(family), limit),
    // The deployment takes away what has expired, of all tenants at once.
    removeExpired: () => Promise.resolve(0),
  };
}

/** What is not memories, for one tenant: the store and its erasures are those of all, what is bound is its own. */
export function serviceOfTenant(service: ServiceStore, tenant: string): ServiceStore {
  if (tenant === DEFAULT_TENANT) return service;
  const own = (name: string) => familyOf(tenant) + name;
  return {
    currentKey: refused,
    keyById: refused,
    storeId: () => service.storeId(),
    erasureHead: () => service.erasureHead(),
    raiseErasureHead: (sequence) => service.raiseErasureHead(sequence),
    holdsKeyStore: () => service.holdsKeyStore(),
    bound: (name, value, until) => service.bound(own(name), value, until),
    unbind: (family, time) => service.unbind(own(family), time),
  };
}
