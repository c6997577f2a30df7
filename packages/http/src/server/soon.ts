/** What is there already, or will be. */
export type Soon<T extends object> = T | Promise<T>

/** Goes on with `soon`, and at once if it is there: a promise costs an answer from memory more than all the rest. */
export function whenReady<T extends object, U extends object>(
  soon: Soon<T>,
  goOn: (value: T) => Soon<U>,
): Soon<U> {
  return isPromise(soon) ? soon.then(goOn) : goOn(soon)
}

/** Not by its class: an application may have put another in the place of Promise, as zone.js does. */
export function isPromise<T extends object>(soon: Soon<T>): soon is Promise<T> {
  return 'then' in soon
}
