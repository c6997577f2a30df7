import { Client } from 'memjs'
import { allKeys, measureGets } from '../measure-gets.ts'
import { freePort, startServer } from '../servers/start.ts'
import { type Contestant, textOf } from '../task.ts'

export const gets: Contestant = async (task) => {
  const port = await freePort()
  const args = ['-u', 'nobody', '-l', '127.0.0.1', '-p', String(port), '-t', '1', '-m', '4096']
  if (!(await startServer('memcached', args, port))) {
    process.stderr.write('memcached is skipped: it cannot be run\n')
    return {}
  }
  const client = Client.create(`127.0.0.1:${port}`)
  const value = textOf(task)
  for (let i = 0; i < allKeys.length; i += 100) {
    await Promise.all(allKeys.slice(i, i + 100).map((key) => client.set(key, value, {})))
  }
  return measureGets({ get: async (key) => (await client.get(key)).value }, task)
}
