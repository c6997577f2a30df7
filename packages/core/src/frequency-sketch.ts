const rows = 4
const columns = 4096
const most = 0xffff

/**
 * Measures how often keys are asked for, in a fixed 32 KiB: a count-min sketch (Cormode and Muthukrishnan, 2005) whose
 * counts are halved after each period, so that what was hot once cools down. An estimate is never too low, and too
 * high only where keys share all four of their counters.
 */
export class FrequencySketch {
  readonly #counts = new Uint16Array(rows * columns)
  readonly #periodMs: number
  readonly #now: () => number
  #halvedAtMs: number

  constructor(periodMs: number, now: () => number) {
    this.#periodMs = periodMs
    this.#now = now
    this.#halvedAtMs = now()
  }

  /** Counts `times` requests for `key`; how many there have been of late, these included. */
  add(key: string, times = 1): number {
    this.#decay()
    const hash = hashOf(key)
    const count = Math.min(most, this.#estimate(hash) + times)
    // Only the counters that are too low for the new estimate are raised: the others count other keys.
    for (let row = 0; row < rows; row++) {
      const i = place(hash, row)
      if ((this.#counts[i] as number) < count) this.#counts[i] = count
    }
    return count
  }

  #estimate(hash: number): number {
    let least = most
    for (let row = 0; row < rows; row++) least = Math.min(least, this.#counts[place(hash, row)] as number)
    return least
  }

  #decay(): void {
    const periods = Math.floor((this.#now() - this.#halvedAtMs) / this.#periodMs)
    if (periods <= 0) return
    this.#halvedAtMs += periods * this.#periodMs
    for (let i = 0; i < this.#counts.length; i++)
      this.#counts[i] = (this.#counts[i] as number) >> Math.min(periods, 16)
  }
}

/** FNV-1a over UTF-16 units, with a finish that spreads the last ones (MurmurHash3's). */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** The counter of a hash in a row: by double hashing, with an odd step. */
function place(hash: number, row: number): number {
  const step = (hash >>> 17) | 1
  return row * columns + ((hash + row * step) & (columns - 1))
}
