/**
 * Runs `work` with a signal that aborts when `signal` does, with its reason, or when `timeoutMs` have passed,
 * with `late()`. By hand, because AbortSignal.any leaks on signals that live long (nodejs/node#54614).
 */
export async function withDeadline<T>(
  timeoutMs: number,
  late: () => Error,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const leave = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', leave)
  const timer = setTimeout(() => controller.abort(late()), timeoutMs)
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', leave)
  }
}
