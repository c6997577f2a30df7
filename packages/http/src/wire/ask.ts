/** What a POST to a group may ask: the values of many keys, answered in frames. */

/** The media type of the keys that are asked for, a JSON array of strings. */
export const askType = 'application/vnd.geecache.ask+json'

/** The media type of the answer, see {@link FrameReader}. */
export const framesType = 'application/vnd.geecache.frames'

/** Reads the keys that are asked for; undefined if the body holds none, or more than `maxKeys`. */
export function parseAsk(body: string, maxKeys: number): readonly string[] | undefined {
  try {
    const keys = JSON.parse(body) as unknown
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys) return undefined
    if (keys.every((key) => typeof key === 'string')) return keys
  } catch {
    // Not JSON.
  }
  return undefined
}
