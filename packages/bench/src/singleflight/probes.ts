import type { Coalescer, Load } from './contestants/coalescer.ts'

/** What a library did, in a few words, and whether it hurt a caller. A dash: it offers nothing of the kind. */
export interface Finding {
  readonly isRight: boolean
  readonly answer: string
}

type Probe = (coalescer: Coalescer) => Promise<Finding>

const notOffered: Finding = { isRight: true, answer: '–' }

/** Each by the question it asks. A probe gets a coalescer of its own. */
export const probes: Readonly<Record<string, Probe>> = {
  async '100 callers of a cold key: loads'(coalescer) {
    const { load, loads, finish } = controlled()
    const calls = Array.from({ length: 100 }, () => coalescer.get('key', load))
    await pause()
    finish('value')
    await Promise.all(calls)
    return { isRight: loads() === 1, answer: `${loads()}` }
  },

  async 'the first caller aborts: the second'(coalescer) {
    if (!coalescer.takesSignal) return notOffered
    const { load, finish } = controlled()
    const leaver = new AbortController()
    const first = outcome(coalescer.get('key', load, leaver.signal))
    const second = outcome(coalescer.get('key', load))
    await pause()
    leaver.abort(new Error('left'))
    await first
    finish('value')
    const got = await second
    return { isRight: got === 'value', answer: got === 'value' ? 'gets the value' : `is ${got}` }
  },

  async 'the second caller aborts: he'(coalescer) {
    if (!coalescer.takesSignal) return notOffered
    const { load, finish } = controlled()
    const leaver = new AbortController()
    const first = outcome(coalescer.get('key', load))
    const second = outcome(coalescer.get('key', load, leaver.signal))
    await pause()
    leaver.abort(new Error('left'))
    const got = await second
    finish('value')
    const isRight = got === 'rejected: left' && (await first) === 'value'
    return { isRight, answer: isRight ? 'leaves at once' : got }
  },

  async 'all callers abort: the work'(coalescer) {
    if (!coalescer.takesSignal) return notOffered
    let own: AbortSignal | undefined
    const load: Load = (signal) => {
      own = signal
      return new Promise(() => {})
    }
    const leavers = [new AbortController(), new AbortController()]
    const calls = leavers.map(({ signal }) => outcome(coalescer.get('key', load, signal)))
    await pause()
    leavers[0]?.abort()
    const isEarly = own?.aborted
    leavers[1]?.abort()
    await Promise.all(calls)
    if (!own) return notOffered
    if (isEarly) return { isRight: false, answer: 'is stopped by the first' }
    return { isRight: own.aborted, answer: own.aborted ? 'is told' : 'goes on' }
  },

  async 'forget, a new load, the old one settles: a third caller'(coalescer) {
    if (!coalescer.forget) return notOffered
    const old = controlled()
    const fresh = controlled()
    const third = controlled()
    const calls = [outcome(coalescer.get('key', old.load))]
    await pause()
    await coalescer.forget('key')
    calls.push(outcome(coalescer.get('key', fresh.load)))
    await pause()
    old.finish('old')
    await pause()
    const last = outcome(coalescer.get('key', third.load))
    await pause()
    fresh.finish('new')
    third.finish('third')
    await Promise.all(calls)
    const got = await last
    if (third.loads() > 0) return { isRight: false, answer: 'starts a third load' }
    if (fresh.loads() === 0) return { isRight: false, answer: 'gets old: no new load' }
    return { isRight: got === 'new', answer: got === 'new' ? 'joins the new load' : `gets ${got}` }
  },

  async 'delete during a load: who waits, later callers'(coalescer) {
    if (!coalescer.forget) return notOffered
    const old = controlled()
    const waiting = outcome(coalescer.get('key', old.load))
    await pause()
    await coalescer.forget('key')
    await pause()
    old.finish('old')
    const waited = await waiting
    await pause()
    const later = await outcome(coalescer.get('key', async () => 'new'))
    const isRight = waited === 'old' && later === 'new'
    return { isRight, answer: isRight ? 'old, new' : `${waited.replace(/:.*/, '')}, ${later}` }
  },

  async 'the load throws undefined: two callers'(coalescer) {
    const load: Load = async () => {
      await pause()
      throw undefined
    }
    const got = await Promise.all([outcome(coalescer.get('key', load)), outcome(coalescer.get('key', load))])
    return bothRejected(got)
  },

  async 'the load throws at once: two callers'(coalescer) {
    const load: Load = () => {
      throw new Error('down')
    }
    const call = (): Promise<string> => {
      try {
        return outcome(coalescer.get('key', load))
      } catch {
        return Promise.resolve('the call itself throws')
      }
    }
    const got = await Promise.all([call(), call()])
    return bothRejected(got)
  },
}

function bothRejected(got: readonly string[]): Finding {
  const kinds = new Set(
    got.map((text) => (text.startsWith('rejected') ? 'rejected' : `resolved with ${text}`)),
  )
  const isRight = kinds.size === 1 && kinds.has('rejected')
  return {
    isRight,
    answer: isRight ? 'both rejected' : `${kinds.size === 1 ? 'both ' : ''}${[...kinds].join(', ')}`,
  }
}

/** A load that ends when the probe wants it to. */
function controlled(): { load: Load; loads: () => number; finish: (value: string) => void } {
  let finish!: (value: string) => void
  const result = new Promise<string>((resolve) => {
    finish = resolve
  })
  let count = 0
  const load: Load = () => {
    count++
    return result
  }
  return { load, loads: () => count, finish }
}

/** What became of a call, as text. One that takes longer than any library needs `waits`. */
function outcome(call: Promise<unknown>): Promise<string> {
  const settled = call.then(
    (value) => String(value),
    (reason) => `rejected: ${reason instanceof Error ? reason.message : reason}`,
  )
  return Promise.race([settled, pause(500).then(() => 'waits')])
}

/** Long enough for whatever a library does before it loads, and after. */
function pause(ms = 30): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
