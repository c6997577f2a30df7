/** The same bytes as a plain Uint8Array over a buffer that holds nothing else, and that nobody else is to write. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes
  if (!(buffer instanceof ArrayBuffer) || bytes.byteLength !== buffer.byteLength) return new Uint8Array(bytes)
  return plain(bytes)
}

/** Not a Buffer, whose slice and toString are others than an array's: codecs would depend on where bytes come from. */
export function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
