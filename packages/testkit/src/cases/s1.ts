import { keyChoice } from '../key-choice.ts'
import type { Lab, LabCase } from '../lab/case.ts'
import { pause } from '../lab/pause.ts'
import { Simulation } from '../simulation.ts'

const size = 1000
/** Gets of the whole cluster, 200 a second for each process. */
const msPerGet = 1000 / (200 * size)

/** Sizes nobody here can run. */
export const s1: LabCase = {
  id: 'S1',
  title: '1,000 peers, simulated',
  does: 'A thousand groups in one process, with the real ring, on a network that takes no time: traffic by Zipf’s law, then 10 % of the peers are gone at once, then as many new ones come.',
  metric: 'loads of a key between two changes of the peers, at most',
  bound: { atMost: 1 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    await growth(lab)
    const copies = await hotSpread(lab, undefined)
    const bare = await hotSpread(lab, 0)
    lab.plot({
      title: 'Requests at each of 1,000 peers under Zipf traffic, the busiest first',
      x: 'peers',
      y: 'requests',
      logY: true,
      series: [
        { name: 'with hot copies', points: copies.map((count, i) => [i + 1, count]) },
        { name: 'without', points: bare.map((count, i) => [i + 1, count]) },
      ],
    })
    return change(lab)
  },
}

/** What gets and changes cost in clusters of growing size. */
async function growth(lab: Lab): Promise<void> {
  const sizes = lab.short ? [1, 10, 100, 1000] : [1, 3, 10, 30, 100, 300, 1000]
  // The first one is slow because it is the first one.
  await costsOf(lab, 10)
  const costs: Costs[] = []
  for (const peers of sizes) costs.push(await costsOf(lab, peers))
  const last = costs.at(-1) as Costs
  lab.note('part of the keys that the peer with the most owns, by the mean', last.largest)
  lab.note('µs of a get among 10 peers', costs.find(({ peers }) => peers === 10)?.getUs as number)
  lab.note('µs of a get among 1,000 peers', last.getUs)
  lab.note('ms of a change of the peers among 1,000, in each of them', last.changeMs)
  const plot = (title: string, y: string, of: (one: Costs) => number) => {
    const points = costs.map((one) => [one.peers, of(one)] as const)
    lab.plot({ title, x: 'peers', y, logX: true, series: [{ name: y, points }] })
  }
  plot('Keys of the peer that owns the most', 'times the mean', ({ largest }) => largest)
  plot('Work for a get, of all processes together', 'µs', ({ getUs }) => getUs)
  plot('Work for a change of the peers, in each process', 'ms', ({ changeMs }) => changeMs)
}

interface Costs {
  readonly peers: number
  /** Keys of the peer that owns the most, by the mean. */
  readonly largest: number
  readonly getUs: number
  readonly changeMs: number
}

async function costsOf(lab: Lab, peers: number): Promise<Costs> {
  const simulation = new Simulation(peers)
  const largest = Math.max(...simulation.shares) * peers
  const keys = 10_000
  const choose = keyChoice(keys, 1, lab.random)
  const ms = 1000 / (200 * peers)
  for (let i = 0; i < keys; i++) await simulation.get(`key-${i}`, lab.random, ms)
  const gets = lab.short ? 4000 : 200_000
  const began = cpuUs()
  for (let i = 0; i < gets; i++) await simulation.get(`key-${choose()}`, lab.random, ms)
  const getUs = (cpuUs() - began) / gets
  const changes = Array.from({ length: 21 }, () => simulation.join(1)).sort((a, b) => a - b)
  return { peers, largest, getUs, changeMs: changes[10] as number }
}

/** Microseconds of work of this process: on a machine that is busy, the clock says little of that. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Requests at each peer, the busiest first. */
async function hotSpread(lab: Lab, share: number | undefined): Promise<readonly number[]> {
  const simulation = new Simulation(size, share === undefined ? {} : { hot: { share } })
  const choose = keyChoice(50_000, 1, lab.random)
  const gets = lab.short ? 20_000 : 2_000_000
  for (let i = 0; i < gets; i++) await simulation.get(`key-${choose()}`, lab.random, msPerGet)
  const { requests } = simulation
  const mean = requests.reduce((sum, count) => sum + count, 0) / size
  const name = share === undefined ? 'with hot copies' : 'without hot copies'
  lab.note(`requests at the busiest peer, by the mean, ${name}`, (requests[0] as number) / mean)
  lab.note(`requests between peers per get, ${name}`, (mean * size) / gets)
  return requests
}

/** A tenth of the peers is gone, and a tenth comes. */
async function change(lab: Lab): Promise<number> {
  const keys = lab.short ? 4000 : 20_000
  const simulation = new Simulation(size)
  const choose = keyChoice(keys, 1, lab.random)
  const step = 1000
  const rates: [number, number][] = []
  const marks: { at: number; label: string }[] = []
  let gets = 0
  let most = 0
  const play = async (count: number) => {
    for (let done = 0; done < count; done += step) {
      const before = simulation.totalLoads
      for (let i = 0; i < step; i++) await simulation.get(`key-${choose()}`, lab.random, msPerGet)
      // Nothing here waits for the loop, which has signals to heed.
      await pause(0)
      gets += step
      rates.push([gets / step, simulation.totalLoads - before])
    }
    most = Math.max(most, ...simulation.loads.values())
  }
  for (let i = 0; i < keys; i++) await simulation.get(`key-${i}`, lab.random, msPerGet)
  const length = lab.short ? 15_000 : 300_000
  await play(length / 3)
  lab.hold(simulation.totalLoads === keys, `${simulation.totalLoads} loads for ${keys} keys`)
  simulation.forgetLoads()
  marks.push({ at: gets / step, label: '100 of 1,000 leave' })
  const leftAt = gets
  const leaveMs = simulation.leave(size / 10, lab.random)
  await play(length)
  const lost = simulation.totalLoads - keys
  lab.note('loads after 10 % left, per key that there is', lost / keys)
  const calm = rates.findIndex(([at, rate]) => at > leftAt / step && rate <= step / 100)
  lab.note(
    'gets of a process until 99 % of all are answered without a load again',
    (((rates[calm]?.[0] ?? 0) * step - leftAt) / size) | 0,
  )
  simulation.forgetLoads()
  marks.push({ at: gets / step, label: '100 come' })
  const before = simulation.totalLoads
  const joinMs = simulation.join(size / 10)
  await play(length)
  lab.note('loads after 10 % came, per key that there is', (simulation.totalLoads - before) / keys)
  lab.note('values handed over to them', simulation.handovers)
  lab.note('ms to make a ring of 1,000 peers', Math.max(leaveMs, joinMs))
  lab.plot({
    title: 'Loads at the origin while peers leave and come',
    x: 'thousand gets of the cluster',
    y: 'loads per 1,000 gets',
    series: [{ name: 'loads', points: rates }],
    marks,
  })
  return most
}
