// Reading the clock costs more than a hit. So in a burst, many readings in one job with hardly any time between
// them, one reading is given several times. A burst ends with the job, and when two readings turn out to be
// further apart. Outside of bursts every call reads the clock.

/** Readings in a row, each within a millisecond of the one before, that come before a burst. */
const BEFORE_BURST = 1000
/** How often one reading is given again during a burst. */
const SHARES = 64

/** The default clock of a cache: milliseconds that never go backwards, from `performance.now()`. */
export function createClock(): () => number {
  let reading = 0
  let shares = 0
  let readings = 0

  return () => {
    if (shares > 0) {
      shares--
      return reading
    }
    const previous = reading
    // Looked up at each reading: test frameworks put a fake clock there.
    reading = performance.now()
    if (reading - previous >= 1) {
      readings = 0
    } else if (++readings > BEFORE_BURST) {
      shares = SHARES
      if (readings === BEFORE_BURST + 1) {
        queueMicrotask(() => {
          shares = readings = 0
        })
      }
    }
    return reading
  }
}
