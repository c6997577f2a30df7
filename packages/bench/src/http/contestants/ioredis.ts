import { Redis } from 'ioredis'
import { allKeys, measureGets } from '../measure-gets.ts'
import { freePort, startServer } from '../servers/start.ts'
import { type Contestant, type Task, textOf } from '../task.ts'

export const gets: Contestant = async (task) => {
  const redis = await start(task, {})
  return redis === undefined ? {} : measureGets({ get: (key) => redis.get(key) }, task)
}

export const autoPipelined: Contestant = async (task) => {
  const redis = await start(task, { enableAutoPipelining: true })
  return redis === undefined ? {} : measureGets({ get: (key) => redis.get(key) }, task)
}

export const mget: Contestant = async (task) => {
  const redis = await start(task, {})
  return redis === undefined ? {} : measureGets({ getMany: (keys) => redis.mget(keys) }, task)
}

async function start(task: Task, options: { enableAutoPipelining?: boolean }): Promise<Redis | undefined> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  if (!(await startServer('redis-server', args, port))) {
    process.stderr.write('Redis is skipped: redis-server cannot be run\n')
    return undefined
  }
  const redis = new Redis(port, '127.0.0.1', options)
  const value = textOf(task)
  for (let i = 0; i < allKeys.length; i += 100) {
    await Promise.all(allKeys.slice(i, i + 100).map((key) => redis.set(key, value)))
  }
  return redis
}
