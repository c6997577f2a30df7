import { describe, expect, it } from 'vitest'
import { readCommandLine, UsageError } from './command-line.ts'

describe('the command line', () => {
  it('starts the tutorial’s first peer when nothing is said', () => {
    expect(readCommandLine([])).toEqual({
      port: 8001,
      peerPorts: [8001, 8002, 8003],
      apiPort: undefined,
      lookupMs: 300,
      players: 0,
    })
  })

  it('serves the API on 9999, or where it is told', () => {
    expect(readCommandLine(['--port', '8003', '--api'])).toMatchObject({ port: 8003, apiPort: 9999 })
    expect(readCommandLine(['--api', '--api-port=80'])).toMatchObject({ apiPort: 80 })
  })

  it('explains itself', () => {
    expect(readCommandLine(['--help'])).toBe('help')
  })

  it.each([
    [['--prot', '8001'], "Unknown option '--prot'"],
    [['8001'], "Unexpected argument '8001'"],
    [['--port'], "Option '--port <value>' argument missing"],
    [['--port', 'http'], '--port must be a whole number from 1 to 65535, got "http"'],
    [['--port', '70000'], '--port must be a whole number from 1 to 65535, got "70000"'],
    [['--port', '0x50'], '--port must be a whole number from 1 to 65535, got "0x50"'],
    [['--peers', '8001,'], '--peers must be a whole number from 1 to 65535, got ""'],
    [['--port', '8004'], "--peers must include this peer's own port 8004, got 8001,8002,8003"],
    [['--lookup-ms=-1'], '--lookup-ms must be a whole number from 0 to 60000, got "-1"'],
  ])('refuses %j', (args, message) => {
    expect(() => readCommandLine(args)).toThrow(UsageError)
    expect(() => readCommandLine(args)).toThrow(message)
  })
})
