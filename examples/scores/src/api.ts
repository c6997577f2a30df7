import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Group, isGeeCacheError } from '@geecache/core'

/** The application's own routes: `/api?key=Tom` and `/stats`. */
export async function serveApi(
  request: IncomingMessage,
  response: ServerResponse,
  scores: Group<string>,
  stats: () => object,
): Promise<void> {
  // Read as text after a base: a path such as // is no URL of its own.
  const url = new URL(`http://localhost${request.url ?? '/'}`)
  if (url.pathname === '/stats') return reply(response, 200, JSON.stringify(stats()))
  if (url.pathname !== '/api') return reply(response, 404, 'try /api?key=Tom or /stats')
  const key = url.searchParams.get('key')
  if (key === null || key === '') return reply(response, 400, 'which key? try /api?key=Tom')
  try {
    reply(response, 200, await scores.get(key))
  } catch (error) {
    const status = isGeeCacheError(error, 'not-found')
      ? 404
      : isGeeCacheError(error, 'invalid-key')
        ? 400
        : 500
    reply(response, status, (error as Error).message)
  }
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
}
