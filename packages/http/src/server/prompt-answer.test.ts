import type { PeerValue } from '@geecache/core'
import { expect, it } from 'vitest'
import { PromptAnswer } from './prompt-answer.ts'

const value: PeerValue = { bytes: new Uint8Array([1]) }

it('gives what it was told before, without a promise', () => {
  const answer = new PromptAnswer()
  answer.succeed(value)
  expect(answer.take()).toBe(value)
})

it('throws what it was told before', () => {
  const answer = new PromptAnswer()
  answer.fail(undefined)
  let thrown: unknown = 'nothing'
  try {
    answer.take()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeUndefined()
})

it('promises what it is told later', async () => {
  const answer = new PromptAnswer()
  const promise = answer.take()
  expect(promise).toBeInstanceOf(Promise)
  answer.succeed(value)
  expect(await promise).toBe(value)
})

it('rejects with what it is told later', async () => {
  const answer = new PromptAnswer()
  const promise = answer.take()
  const error = new Error('the origin is down')
  answer.fail(error)
  await expect(promise).rejects.toBe(error)
})
