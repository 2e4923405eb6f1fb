function Bare() {
  // Nothing: what it makes has the prototype below and no property.
}
Bare.prototype = Object.freeze(Object.create(null) as object);
const Constructor = Bare as unknown as new () => object;

/**
 * An object without properties, own or inherited: what is absent in it is absent whatever was done to
 * `Object.prototype`. (One of `Object.create(null)` is a table of hashes to the engine, and several times slower.)
 */
export function bare(): Record<string, unknown> {
  return new Constructor() as Record<string, unknown>;
}

/** A bare copy of what an object has of its own under text keys. */
export function bareCopy<T extends object>(value: T): T {
  const copy = bare();
  for (const key of Object.keys(value)) copy[key] = (value as Record<string, unknown>)[key];
  return copy as T;
}

/** A bare copy of what an object has of its own and is not undefined. */
export function definedIn<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const copy = bare();
  for (const key of Object.keys(value)) {
    const one = (value as Record<string, unknown>)[key];
    if (one !== undefined) copy[key] = one;
  }
  return copy as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Whether an object inherits nothing but what every plain or bare object does. */
export function isPlainOrBare(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || prototype === Bare.prototype;
}
