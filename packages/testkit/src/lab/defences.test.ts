import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { bundle } from '../bundle.ts'
import { cases } from '../cases/index.ts'
import { defences } from './defences.ts'

const folder = mkdtempSync(join(tmpdir(), 'geecache-defences-'))
const program = fileURLToPath(new URL('../peer-main.ts', import.meta.url))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a defence that can be switched off', () => {
  it.each(defences.map((defence) => [defence.name, defence] as const))(
    'finds its place: %s',
    async (name, { patches, breaks }) => {
      await bundle(program, join(folder, `${name}.cjs`), patches)
      const ids = cases.map(({ id }) => id)
      for (const id of breaks) expect(ids).toContain(id)
    },
  )

  it('is refused where its place is gone', async () => {
    const patch = { file: 'core/src/lookup.ts', text: 'no such text', replacement: '' }
    await expect(bundle(program, join(folder, 'gone.cjs'), [patch])).rejects.toThrow('has 0 places that read')
    const elsewhere = { file: 'core/src/nothing.ts', text: '', replacement: '' }
    await expect(bundle(program, join(folder, 'gone.cjs'), [elsewhere])).rejects.toThrow(
      'not part of the program',
    )
  })
})
