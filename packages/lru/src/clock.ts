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
  let givenAgain = 0
  let inBurst = false
  let windowStart = 0
  let readings = 0

  function endBurst(): void {
    inBurst = false
    givenAgain = 0
    readings = 0
  }

  function read(): number {
    // Looked up at each reading: test frameworks put a fake clock there.
    const previous = reading
    reading = performance.now()
    if (inBurst) {
      if (reading - previous < 1) givenAgain = SHARED
      else endBurst()
    } else if (reading - windowStart >= 1) {
      windowStart = reading
      readings = 0
    } else if (++readings === BURST) {
      inBurst = true
      givenAgain = SHARED
      Promise.resolve().then(endBurst)
    }
    return reading
  }

  return () => {
    if (givenAgain === 0) return read()
    givenAgain--
    return reading
  }
}
