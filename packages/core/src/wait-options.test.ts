import { describe, expect, it } from 'vitest'
import { Group } from './group.ts'
import { checkWait, type WaitOptions } from './wait-options.ts'

const controller = new AbortController()

describe('checkWait', () => {
  it('takes nothing, an object without a signal, and a signal, whoever made it', () => {
    const foreign = { aborted: false, addEventListener() {} } as never
    for (const options of [undefined, {}, { signal: undefined }, controller, { signal: foreign }]) {
      checkWait(options as WaitOptions)
    }
  })

  it.each([
    [controller.signal, 'options must be an object such as { signal }, got an AbortSignal'],
    [5, 'options must be an object such as { signal }, got 5'],
    [null, 'options must be an object such as { signal }, got null'],
    [{ signal: controller }, 'signal must be an AbortSignal, got an AbortController'],
    [{ signal: null }, 'signal must be an AbortSignal, got null'],
  ])('refuses %j', (options, message) => {
    const check = () => checkWait(options as never)
    expect(check).toThrow(expect.objectContaining({ code: 'invalid-option', message }))
  })
})

it('a group refuses it wherever it waits, before it does anything', async () => {
  const group = new Group<string>({ name: 'g', maxBytes: 2 ** 20, getter: (key) => key })
  await group.get('key')
  const wrong = { signal: controller } as never
  const calls = [
    () => group.get('key', wrong),
    () => group.getMany(['key'], wrong),
    () => group.set('key', 'set', wrong),
    () => group.remove('key', wrong),
    () => group.removeMany(['key'], wrong),
    () => group.clear(wrong),
  ]
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'invalid-option' })
  expect(group.peek('key')).toBe('key')
})
