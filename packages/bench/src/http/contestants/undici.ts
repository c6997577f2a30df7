import { Pool } from 'undici'
import { allKeys, measureGets } from '../measure-gets.ts'
import { freePort, startModule } from '../servers/start.ts'
import type { Contestant } from '../task.ts'

/** What a GET costs that asks node:http through undici, with nothing of a cache around it. */
export const gets: Contestant = async (task) => {
  const port = await freePort()
  await startModule(new URL('../servers/bare.ts', import.meta.url), [String(port), String(task.valueBytes)])
  const pool = new Pool(`http://127.0.0.1:${port}`, { headersTimeout: 0, bodyTimeout: 0 })
  const get = (key: string) =>
    new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = []
      pool.dispatch(
        { method: 'GET', path: `/${key}` },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData: (_, chunk) => void chunks.push(chunk),
          onResponseEnd: () => resolve(Buffer.concat(chunks).toString()),
          onResponseError: (_, error) => reject(error),
        },
      )
    })
  return measureGets({ keys: allKeys, get }, task)
}
