/// <reference types="node" />
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('abandoned.ts', import.meta.url))
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [
    '--unhandled-rejections=strict',
    '--import',
    'tsx',
    program,
    ...args,
  ])

test('no rejection goes unhandled when callers have left or listen, whatever happens', async () => {
  expect((await run()).stdout).toBe('alive')
}, 60_000)

test('a rejection that a caller did not listen for ends a strict process', async () => {
  await expect(run('--careless')).rejects.toMatchObject({ stderr: expect.stringContaining('unheard') })
}, 60_000)
