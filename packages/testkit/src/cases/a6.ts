import { murmur3 } from '@geecache/consistenthash'
import { startFakePeer } from '../attacker.ts'
import { openCaller, ownValue } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import type { Random } from '../proxy/random.ts'

const timeoutMs = 5000
const head = 'HTTP/1.1 200 OK\r\ngeecache-protocol: 1\r\ncontent-type: application/vnd.geecache.frames\r\n'

/** Answers to many keys that make no sense. */
export const a6: LabCase = {
  id: 'A6',
  title: 'A peer answers a batch with frames that make no sense',
  does: 'A peer answers batches with frames that are cut, doubled, missing, for keys nobody asked for, of an unknown kind, of claimed gigabytes, with times to live below zero, followed by garbage, or with random bytes turned over. Each get has a value, its own or the peer’s true one; no memory is reserved for what is only claimed.',
  metric: 'gets that failed, hung, or got what nobody said',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    let turned = false
    const fake = lab.use(
      await startFakePeer((socket, request) => {
        const [, body = '[]'] = request.split('\r\n\r\n')
        const keys = JSON.parse(body) as string[]
        const frames = framesOf(keys)
        const echo = murmur3(`values\0${keys[0]}`).toString(16)
        turned = lab.random() < 0.2
        const bytes = turned ? turnBytes(frames, lab.random) : spoil(frames, lab.random)
        socket.write(`${head}geecache-echo: ${echo}\r\ncontent-length: ${bytes.length}\r\n\r\n`)
        socket.write(bytes)
      }),
    )
    const caller = lab.use(openCaller(fake.url, { timeoutMs, handover: false }))
    const batches = lab.short ? 300 : 5000
    let bad = 0
    let believed = 0
    let most = 0
    const before = process.memoryUsage().arrayBuffers
    for (let batch = 0; batch < batches && caller.pool.stats.timeouts === 0; batch++) {
      const keys = Array.from({ length: 2 + Math.floor(8 * lab.random()) }, () => caller.nextKey())
      const results = await caller.group.getMany(keys)
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
      for (const [i, result] of results.entries()) {
        const key = keys[i] as string
        const value = result.status === 'fulfilled' ? result.value : undefined
        if (value === theirValue(key)) believed++
        // Nobody can tell what became of a value whose own bytes were turned over.
        else if (value !== ownValue(key) && !(turned && value !== undefined)) bad++
      }
    }
    lab.note('batches', batches)
    lab.note('gets that took the peer’s word', believed)
    lab.note('growth of buffers, at most, MiB', most / 2 ** 20)
    lab.hold(most < 64 * 2 ** 20, `buffers grew by ${most} bytes`)
    const { timeouts } = caller.pool.stats
    lab.hold(timeouts === 0, `${timeouts} gets were given up at the deadline`)
    lab.hold(timeouts > 0 || fake.requests.length >= batches, 'the fake peer was not asked')
    return bad
  },
}

function theirValue(key: string): string {
  return `${key} from the peer`
}

function framesOf(keys: readonly string[]): Buffer[] {
  return keys.map((key, index) => {
    const body = Buffer.from(theirValue(key))
    const frame = Buffer.alloc(21 + body.length)
    frame.writeUInt32BE(index, 1)
    frame.writeUInt32BE(body.length, 5)
    frame.writeDoubleBE(Number.POSITIVE_INFINITY, 9)
    frame.set(body, 21)
    return frame
  })
}

/** Frames that break a rule. Those before the one that breaks it may be believed. */
function spoil(frames: Buffer[], random: Random): Buffer {
  const one = frames[Math.floor(random() * frames.length)] as Buffer
  const all = () => Buffer.concat(frames)
  const spoilers: readonly (() => unknown)[] = [
    () => frames.push(one),
    () => frames.shift(),
    () => frames.push(Buffer.from('garbage')),
    () => one.writeUInt32BE(frames.length + Math.floor(random() * 1e9), 1),
    () => one.writeUInt8(2 + Math.floor(random() * 254), 0),
    () => one.writeUInt32BE(0xffffffff, 5),
    () => one.writeUInt32BE(60 * 2 ** 20, 5),
    () => one.writeDoubleBE(random() < 0.5 ? -1 : Number.NaN, 9),
    () => one.writeFloatBE(Number.POSITIVE_INFINITY, 17),
    () => frames.splice(0),
    () => frames.reverse(),
  ]
  const kind = Math.floor(random() * (spoilers.length + 1))
  if (kind === spoilers.length) return all().subarray(0, Math.floor(random() * all().length))
  spoilers[kind]?.()
  return all()
}

function turnBytes(frames: readonly Buffer[], random: Random): Buffer {
  const bytes = Buffer.concat(frames)
  for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return bytes
}
