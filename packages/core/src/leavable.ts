/** `work`, which a caller may leave: rejects with the signal's reason when that aborts, and the work goes on. */
export async function leavable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  let leave: () => void = () => {}
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
  })
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  try {
    // Who has left already gets no answer, even if there is one.
    return await Promise.race([left, work])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
