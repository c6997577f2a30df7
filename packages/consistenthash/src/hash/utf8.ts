const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder()

/** The bytes of the last text given to `utf8`, and four zeros. It grows to the longest text, so no hash allocates. */
export let bytes: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(0)
/** The same memory, to read words of. */
export let words: DataView = /* @__PURE__ */ new DataView(bytes.buffer)

/** Writes a text to `bytes` in UTF-8, a lone surrogate as U+FFFD, and says how many bytes it takes. */
export function utf8(text: string): number {
  // A place in a string takes three bytes at most.
  if (bytes.length < text.length * 3 + 4) {
    bytes = new Uint8Array(text.length * 6 + 256)
    words = new DataView(bytes.buffer)
  }
  const { written } = encoder.encodeInto(text, bytes)
  words.setInt32(written, 0)
  return written
}
