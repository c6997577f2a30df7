// Reading a clock costs more than a hit. So a burst of readings, more than one a microsecond, shares one
// reading between some of them. Nothing else is ever given an old reading: the burst ends when the running
// job ends, or when its readings turn out to have been further apart.

/** Readings within one millisecond that make a burst. */
const BURST = 1000
/** How often one reading is given again during a burst. */
const SHARED = 64

/** The default clock of a cache: milliseconds that never go backwards, from `performance.now()`. */
export function createClock(): () => number {
  let reading = 0
  /** How often the reading may still be given again. */
  let shares = 0
  /** Readings since the window began; a burst lasts while it is `BURST`. */
  let readings = 0
  let windowEnd = 0

  const endBurst = (): void => {
    shares = readings = 0
  }

  // Apart from what most calls do, so that the compiler inlines only that.
  const read = (): number => {
    const previous = reading
    // Looked up at each reading: test frameworks put a fake clock there.
    reading = performance.now()
    if (readings === BURST) {
      if (reading - previous < 1) shares = SHARED
      else endBurst()
    } else if (reading >= windowEnd) {
      windowEnd = reading + 1
      readings = 0
    } else if (++readings === BURST) {
      shares = SHARED
      queueMicrotask(endBurst)
    }
    return reading
  }

  return () => {
    if (shares === 0) return read()
    shares--
    return reading
  }
}
