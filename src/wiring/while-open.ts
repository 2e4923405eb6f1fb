import { MemwardenError } from '../errors/memwarden-error.js';

/** A port whose members throw `closed` once what is behind it is closed. */
export function whileOpen<T extends object>(store: T, isClosed: () => boolean): T {
  return new Proxy(store, {
    get(target, property, receiver) {
      const member: unknown = Reflect.get(target, property, receiver);
      if (isClosed()) throw new MemwardenError('closed');
      return member;
    },
  });
}
