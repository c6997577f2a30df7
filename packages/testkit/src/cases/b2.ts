import { Group, isGeeCacheError, text } from '@geecache/core'
import { attack } from '../attacker.ts'
import { openCaller } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'
import type { Random } from '../proxy/random.ts'

/** Strings that have no UTF-8 form. */
export const b2: LabCase = {
  id: 'B2',
  title: 'Keys with lone surrogates',
  does: 'Random keys with a lone half of a surrogate pair somewhere, all of which would become one and the same key in UTF-8, are asked for, set and removed: each is refused before anything is sent. A raw socket sends their bytes and their JSON all the same.',
  metric: 'keys that were let through',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const group = new Group<string>({
      name: 'values',
      maxBytes: 2 ** 20,
      codec: text(),
      getter: (key) => `got ${key}`,
    })
    const { url, port, pool } = lab.use(await serve(group))
    const caller = lab.use(openCaller(url))
    const total = lab.short ? 5000 : 100_000
    let admitted = 0
    const isRefused = (work: Promise<unknown>) =>
      work.then(
        () => false,
        (error) => isGeeCacheError(error, 'invalid-key'),
      )
    for (let i = 0; i < total; i++) {
      // Of two that the peer owns, which would travel in a body, where such strings have a form.
      let [key, other] = ['', '']
      do {
        key = illFormed(lab.random)
        other = illFormed(lab.random)
      } while ([key, other].some((one) => caller.pool.pickPeer(one) === undefined))
      const gets = await caller.group.getMany([key, other])
      for (const get of gets) {
        if (get.status === 'fulfilled' || !isGeeCacheError(get.reason, 'invalid-key')) admitted++
      }
      for (const call of [caller.group.set(key, 'x'), caller.group.remove(key)]) {
        if (!(await isRefused(call))) admitted++
      }
      if (caller.group.peek(key) !== undefined) admitted++
    }
    lab.hold(pool.stats.served === 0, `${pool.stats.served} requests were sent`)
    const path = '/_geecache/values'
    const bytes = ['%ED%A0%80', '%ED%BF%BF', 'a%ED%B0%80b', '%C0%80', '%F4%90%80%80', '%FF']
    const bodies = ['["\\ud800"]', '["ok","\\udc00x"]', '["\\ud800\\ud800"]']
    const requests = [
      ...bytes.map((key) => `GET ${path}/${key} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
      ...bodies.map(
        (body) =>
          `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/vnd.geecache.ask+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      ),
    ]
    for (const request of requests) {
      const { text: answer } = await attack(port, request)
      for (const bad of ['got \ufffd', 'got \u00ef\u00bf\u00bd', 'got \u00ed']) {
        if (answer.includes(bad)) admitted++
      }
    }
    lab.hold(group.stats.localLoads <= 1, `${group.stats.localLoads} loads for one key that is well-formed`)
    lab.note('keys', total)
    return admitted
  },
}

function illFormed(random: Random): string {
  const well = () =>
    String.fromCodePoint(...Array.from({ length: 4 * random() }, () => 1 + Math.floor(random() * 0xd7ff)))
  // A high half that a low one follows would be whole.
  const lone = random() < 0.5 ? 0xd800 + Math.floor(random() * 0x400) : 0xdc00 + Math.floor(random() * 0x400)
  return well() + String.fromCharCode(lone) + well()
}
