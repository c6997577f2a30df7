/**
 * Runs `work` for at most `ms`. After that its signal aborts and the caller gets `late()`, whether the work heeds
 * its signal or not; what it still brings is dropped. When `signal` aborts, the work's signal does, too, and nobody
 * waits for the work any more.
 */
export async function withTimeLimit<T>(
  ms: number,
  late: () => Error,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let follow = () => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    const end = (error: unknown) => {
      reject(error)
      controller.abort(error)
    }
    follow = () => end(signal.reason)
    timer = setTimeout(() => end(late()), ms)
  })
  signal.addEventListener('abort', follow)
  try {
    return await Promise.race([work(controller.signal), limit])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', follow)
  }
}

/** What `work` brings within `ms`, else `substitute`; the work goes on. Rejects if the work rejects before that. */
export async function withSubstitute<T>(ms: number, substitute: T, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, substitute)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
