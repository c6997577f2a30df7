import { Group, text } from '@geecache/core'
import { openCaller } from '../lab/caller.ts'
import type { LabCase } from '../lab/case.ts'
import { serve } from '../lab/serve.ts'
import type { Random } from '../proxy/random.ts'

/** Keys that a URL would bend. */
export const b1: LabCase = {
  id: 'B1',
  title: 'Keys of every kind come back as they went',
  does: 'Random keys full of slashes, dots, percent signs, line ends, NUL, byte order marks, combining accents and emoji are asked for over the real transport, alone and in batches; the value says what key its getter was given.',
  metric: 'keys that changed on their way',
  bound: { atMost: 0 },
  runs: 1,
  shortRuns: 1,
  async run(lab) {
    const group = new Group<string>({
      name: 'values',
      maxBytes: 2 ** 24,
      codec: text(),
      getter: (key) => `got ${key}`,
    })
    const { url } = lab.use(await serve(group))
    const caller = lab.use(openCaller(url, { timeoutMs: 10_000 }, { maxBytes: 2 ** 20 }))
    const total = lab.short ? 5000 : 100_000
    let changed = 0
    let fetched = 0
    for (let done = 0; done < total; ) {
      const keys: string[] = []
      while (keys.length < 100) {
        const key = strangeKey(lab.random)
        if (caller.pool.pickPeer(key) !== undefined) keys.push(key)
      }
      const alone = done % 1000 === 0
      const values: (string | undefined)[] = []
      if (alone) for (const key of keys) values.push(await caller.group.get(key))
      else {
        for (const result of await caller.group.getMany(keys))
          values.push(result.status === 'fulfilled' ? result.value : String(result.reason))
      }
      for (const [i, key] of keys.entries()) {
        if (values[i] === `got ${key}`) fetched++
        else changed++
      }
      done += keys.length
    }
    const [nfc, nfd] = ['é', 'e\u0301'].map((end) => {
      for (let i = 0; ; i++) if (caller.pool.pickPeer(`${i}${end}`) !== undefined) return `${i}${end}`
    }) as [string, string]
    lab.hold((await caller.group.get(nfc)) !== (await caller.group.get(nfd)), 'NFC and NFD became one key')
    for (const bad of ['', '\ud800', 'a\udc00b', 'x'.repeat(1025)]) {
      const code = await caller.group.get(bad).catch((error) => error.code)
      lab.hold(code === 'invalid-key', `${JSON.stringify(bad.slice(0, 20))} was answered with ${code}`)
    }
    lab.note('keys', fetched)
    return changed
  },
}

const pieces = [
  ...'/%?#,\\; .+&=:@"\'<>{}|^`[]~!$()*',
  '..',
  '%2F',
  '%2e',
  '%',
  '//',
  '\r\n',
  '\0',
  '\ufeff',
  'é',
  'e\u0301',
  '\u{1f600}',
  '\u202e',
  'İ',
  'a',
  'Z',
  '0',
  '__proto__',
  '\u{10ffff}',
]

function strangeKey(random: Random): string {
  let key = ''
  const length = 1 + Math.floor(random() * 12)
  for (let i = 0; i < length; i++) {
    key +=
      random() < 0.7
        ? pieces[Math.floor(random() * pieces.length)]
        : String.fromCodePoint(Math.floor(random() * 0xd800))
  }
  return key
}
