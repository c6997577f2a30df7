import { describe, expect, it } from 'vitest'
import { type Answer, WholeAnswer } from './whole-answer.ts'

function collect(maxBytes: number) {
  const outcomes: (Answer | Error)[] = []
  return { outcomes, answer: new WholeAnswer(maxBytes, (outcome) => outcomes.push(outcome)) }
}

describe('WholeAnswer', () => {
  it.each([
    [[], ''],
    [['630'], '630'],
    [['6', '3', '0'], '630'],
  ])('joins %j', (chunks, text) => {
    const { answer, outcomes } = collect(3)
    answer.start(200, { a: 'b' })
    for (const chunk of chunks) answer.data(Buffer.from(chunk))
    expect(outcomes).toEqual([])
    answer.end()
    expect(outcomes).toEqual([{ status: 200, headers: { a: 'b' }, body: Buffer.from(text) }])
  })

  it('refuses a value longer than allowed when the first byte too many arrives (A5)', () => {
    const { answer, outcomes } = collect(3)
    answer.start(200, {})
    answer.data(Buffer.from('630'))
    expect(() => answer.data(Buffer.from('1'))).toThrow('more than 3 bytes')
    answer.fail(new Error('more than 3 bytes'))
    expect(outcomes).toEqual([new Error('more than 3 bytes')])
  })

  it('cuts a message, however long a value may be, and wants no more of it', () => {
    const { answer, outcomes } = collect(1)
    answer.start(500, {})
    answer.data(Buffer.alloc(3999, 'x'))
    expect(() => answer.data(Buffer.from('yz'))).toThrow('not wanted')
    answer.fail(new Error('torn off'))
    expect(outcomes.length).toBe(1)
    expect((outcomes[0] as Answer).body.toString()).toBe(`${'x'.repeat(3999)}y`)
  })

  it('tells one outcome, the first', () => {
    const { answer, outcomes } = collect(3)
    answer.start(200, {})
    answer.end()
    answer.fail(new Error('late'))
    answer.end()
    expect(outcomes.length).toBe(1)
    const other = collect(3)
    other.answer.fail(new Error('early'))
    other.answer.end()
    expect(other.outcomes).toEqual([new Error('early')])
  })
})
