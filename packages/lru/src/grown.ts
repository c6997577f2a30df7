type TypedArray = Int32Array | Uint32Array | Float64Array

/** A larger array of the same kind that begins with the same numbers; the others are 0. */
export function grown<T extends TypedArray>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length)
  larger.set(array)
  return larger
}
