type Numbers = Uint32Array | Int32Array | Uint8Array | Float64Array;

/** A typed array with the same beginning and room for at least so many, and for twice as many as it had. */
export function grown<T extends Numbers>(array: T, least: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}
