import { seededRandom } from './random.ts'
import { ManualTime } from './scheduler.ts'
import type { Toxic } from './toxic.ts'

/** A toxic under test. */
export interface Afflicted {
  readonly time: ManualTime
  /** What has come out, and when. */
  readonly out: readonly { readonly at: number; readonly text: string }[]
  readonly endings: readonly { readonly at: number; readonly what: 'close' | 'reset' | 'end' }[]
  /** Sends all of it, one text after the other, as the proxy does; do not wait for it before time is advanced. */
  send(...texts: readonly string[]): Promise<void>
  end(): Promise<void>
}

/** One toxic on one link, without sockets: what comes out, and when. For tests of toxics. */
export function afflicted(toxic: Toxic, seed = 1): Afflicted {
  const time = new ManualTime()
  const out: Afflicted['out'][number][] = []
  const endings: Afflicted['endings'][number][] = []
  const affliction = toxic({
    random: seededRandom(seed),
    wait: (ms) => time.wait(ms),
    close: () => endings.push({ at: time.now, what: 'close' }),
    reset: () => endings.push({ at: time.now, what: 'reset' }),
  })
  return {
    time,
    out,
    endings,
    async send(...texts) {
      for (const text of texts) {
        const bytes = Buffer.from(text)
        for await (const chunk of affliction.chunk?.(bytes) ?? [bytes]) {
          out.push({ at: time.now, text: chunk.toString() })
        }
      }
    },
    async end() {
      await affliction.end?.()
      endings.push({ at: time.now, what: 'end' })
    },
  }
}
