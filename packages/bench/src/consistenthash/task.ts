import { type Measurement, seededRandom } from '../harness/index.ts'

/** What a contestant is to do: own these keys with these nodes. */
export interface Task {
  readonly nodes: readonly string[]
  readonly keys: readonly string[]
}

export type Contestant = (task: Task) => Measurement | Promise<Measurement>

/** More keys than hashring remembers, and few enough that they do not measure the memory. */
const KEYS = 16_384

export function task(nodes: number, keyLength: number): Task {
  const random = seededRandom(1)
  const keys = Array.from({ length: KEYS }, () => {
    let key = 'user:'
    while (key.length < keyLength) key += Math.floor(random() * 36).toString(36)
    return Buffer.from(key).toString() // one flat string, as one that came from a socket
  })
  return { nodes: Array.from({ length: nodes }, (_, i) => `http://10.0.${i >> 8}.${i & 255}:8080`), keys }
}
