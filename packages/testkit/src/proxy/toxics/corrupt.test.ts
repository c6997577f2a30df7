import { expect, it } from 'vitest'
import { afflicted } from '../afflicted.ts'
import { corrupt } from './corrupt.ts'

it.each([0, 2, 3, 5])('makes one byte wrong, number %i', async (offset) => {
  const { send, out } = afflicted(corrupt(offset))
  await send('000', '000')
  const sent = [...'000000']
  const arrived = [...out.map(({ text }) => text).join('')]
  expect(arrived.length).toBe(6)
  expect(arrived.flatMap((byte, i) => (byte === sent[i] ? [] : [i]))).toEqual([offset])
})

it('leaves the sender’s own bytes alone', async () => {
  const bytes = Buffer.from('abc')
  const affliction = corrupt(1)({ random: () => 0, wait: async () => {}, close() {}, reset() {} })
  const sent: Buffer[] = []
  for await (const part of affliction.chunk?.(bytes) ?? []) sent.push(part)
  expect([bytes.toString(), Buffer.concat(sent).toString()]).toEqual(['abc', 'acc'])
})
