import type { Trace } from './trace.ts'

/**
 * The most hits any cache of so many entries can have on a trace: it knows the future, keeps what is asked for
 * soonest, and does not admit what is asked for later than all it holds.
 *
 * L. A. Belady: "A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5(2), 1966.
 */
export function beladyHits({ requests, distinct }: Trace, capacity: number): number {
  const nextUses = nextUsesOf(requests, distinct)
  /** For each key that is held, the place of its next request; 0 for a key that is not. */
  const heldUntil = new Uint32Array(distinct)
  // The place of a next request names its key, but not yet where it is in the future: so the heap holds places.
  const places = new MaxHeap(requests.length + 1)
  let held = 0
  let hits = 0
  for (let place = 0; place < requests.length; place++) {
    const key = requests[place]!
    if (heldUntil[key] !== 0) {
      hits++
      held--
    }
    const next = nextUses[place]!
    heldUntil[key] = 0
    // A key that is never asked for again is not worth a place.
    if (next === requests.length) continue
    heldUntil[key] = next
    places.add(next)
    if (++held > capacity) {
      // Places that have passed are below all others and are never taken out.
      heldUntil[requests[places.takeMax()]!] = 0
      held--
    }
  }
  return hits
}

/** For each request, the place of the next one for the same key; the length of the trace if there is none. */
function nextUsesOf(requests: Uint32Array, distinct: number): Uint32Array {
  const nextUses = new Uint32Array(requests.length)
  const upcoming = new Uint32Array(distinct).fill(requests.length)
  for (let place = requests.length - 1; place >= 0; place--) {
    const key = requests[place]!
    nextUses[place] = upcoming[key]!
    upcoming[key] = place
  }
  return nextUses
}

/** A binary heap of at most so many numbers. */
class MaxHeap {
  readonly #numbers: Uint32Array
  #size = 0

  constructor(capacity: number) {
    this.#numbers = new Uint32Array(capacity)
  }

  add(number: number): void {
    const numbers = this.#numbers
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (numbers[parent]! >= number) break
      numbers[at] = numbers[parent]!
      at = parent
    }
    numbers[at] = number
  }

  takeMax(): number {
    const numbers = this.#numbers
    const max = numbers[0]!
    const last = numbers[--this.#size]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#size) break
      if (child + 1 < this.#size && numbers[child + 1]! > numbers[child]!) child++
      if (numbers[child]! <= last) break
      numbers[at] = numbers[child]!
      at = child
    }
    numbers[at] = last
    return max
  }
}
