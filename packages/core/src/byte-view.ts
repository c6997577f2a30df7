const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A read-only view of bytes: whoever holds one can read the bytes of a cache, and never write them. */
export class ByteView {
  readonly #bytes: Uint8Array

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** A view of a copy of `source`; a string is taken as UTF-8. */
  static from(source: Uint8Array | string): ByteView {
    return new ByteView(typeof source === 'string' ? encoder.encode(source) : new Uint8Array(source))
  }

  /** A view of `bytes` themselves, uncopied: who else holds them must not write them any more. */
  static over(bytes: Uint8Array): ByteView {
    return new ByteView(bytes)
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#bytes.length
  }

  /** The byte at `index`, from the end if negative; undefined outside. */
  at(index: number): number | undefined {
    return this.#bytes.at(index)
  }

  /** A view of a part, uncopied; bounds as for `Uint8Array.prototype.slice`. */
  slice(start?: number, end?: number): ByteView {
    return new ByteView(this.#bytes.subarray(start, end))
  }

  /** A copy of the bytes, the caller's own. */
  toUint8Array(): Uint8Array {
    return new Uint8Array(this.#bytes)
  }

  /** Copies the bytes into `target` from `offset` on; RangeError when they do not fit. */
  copyTo(target: Uint8Array, offset = 0): void {
    // Not the target's own method, which would be handed the bytes themselves.
    Uint8Array.prototype.set.call(target, this.#bytes, offset)
  }

  /** The bytes read as UTF-8. */
  toString(): string {
    return decoder.decode(this.#bytes)
  }

  equals(other: ByteView | Uint8Array): boolean {
    if (other.length !== this.length) return false
    const bytes = other instanceof ByteView ? other.#bytes : other
    return this.#bytes.every((byte, i) => byte === bytes[i])
  }

  [Symbol.iterator](): IterableIterator<number> {
    return this.#bytes.values()
  }
}
