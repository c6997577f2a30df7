/** The program of a server that answers every request with the same bytes. */
import { createServer } from 'node:http'
import { textOf } from '../task.ts'

const [port, valueBytes] = process.argv.slice(2) as [string, string]
const value = Buffer.from(textOf({ valueBytes: Number(valueBytes) }))
const headers = ['content-type', 'application/octet-stream', 'content-length', String(value.length)]
const server = createServer((_, response) => void response.writeHead(200, headers).end(value))
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'))
