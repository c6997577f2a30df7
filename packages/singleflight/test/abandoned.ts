// Run with --unhandled-rejections=strict: ends with "alive" if no rejection went unhandled.
/// <reference types="node" />
import { SingleFlight } from '../src/index.ts'
import { deferred } from './deferred.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const refused = (call: Promise<unknown>) =>
  call.then(
    () => process.exit(2),
    () => {},
  )

const flights = new SingleFlight<string, string>()

async function main(): Promise<void> {
  // Everybody has left before the work fails.
  const leaver = new AbortController()
  const works = [deferred(), deferred()]
  const many = deferred<string[]>()
  const options = { signal: leaver.signal }
  void refused(flights.do('a', () => works[0]!.promise, options))
  void refused(flights.doShared('b', () => works[1]!.promise, options))
  void refused(flights.doMany(['c', 'd'], () => many.promise, options))
  leaver.abort()
  await turn()
  for (const work of [...works, many]) work.reject(new Error('nobody is here to hear it'))
  await turn()

  // Everybody leaves when the work has failed, but nobody has heard of it yet.
  const late = new AbortController()
  const failing = deferred()
  void refused(flights.do('a', () => failing.promise, { signal: late.signal }))
  failing.reject(new Error('too late'))
  late.abort()
  await turn()

  // A batch answers with an error for a key that everybody has left.
  const one = new AbortController()
  const batch = deferred<(string | Error)[]>()
  void refused(flights.doMany(['a', 'b'], () => batch.promise, { signal: one.signal }))
  const stays = flights.do('b', () => 'other')
  one.abort()
  batch.resolve([new Error('no a'), 'b'])
  if ((await stays) !== 'b') process.exit(3)

  // Every kind of refusal, and every failure, with each caller listening.
  const gone = { signal: AbortSignal.abort() }
  await refused(flights.do('a', () => 'a', gone))
  await refused(flights.doMany(['a'], () => ['a'], gone))
  await refused(flights.do('a', () => flights.do('a', () => 'inner')))
  await Promise.all([0, 1, 2].map(() => refused(flights.do('a', () => Promise.reject(new Error('down'))))))
  await refused(flights.doShared('a', () => Promise.reject(new Error('down'))))
  await flights.doMany(['a', 'b'], () => Promise.reject(new Error('down')))
  await flights.doMany(['a', 'b'], () => {
    throw new Error('down')
  })
  await flights.doMany(['a', 'b'], () => [])
  await turn()
  if (flights.size > 0) process.exit(4)

  // And the counter-proof: a caller who does not listen is told so by the process.
  if (process.argv.includes('--careless')) void flights.do('a', () => Promise.reject(new Error('unheard')))
  await turn()
  process.stdout.write('alive')
}

void main()
