/** Calls `fn` at once. Whatever it returns or throws comes as a promise. */
export function attempt<A extends unknown[], T>(
  fn: (...args: A) => T | PromiseLike<T>,
  ...args: A
): Promise<T> {
  try {
    return Promise.resolve(fn(...args))
  } catch (error) {
    return Promise.reject(error)
  }
}
