import { readFile } from 'node:fs/promises'
import { build } from 'esbuild'

/** A change of one place in the source of a package, for a build that lacks one of its defences. */
export interface Patch {
  /** The end of the path of the file, such as `core/src/lookup.ts`. */
  readonly file: string
  /** What is there; it must be there once. */
  readonly text: string
  readonly replacement: string
}

/** Builds a program from source into one file, with `patches` applied to a copy of what it is made of. */
export async function bundle(entry: string, outfile: string, patches: readonly Patch[] = []): Promise<void> {
  const applied = new Set<Patch>()
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    conditions: ['@geecache/source'],
    sourcemap: 'inline',
    logLevel: 'error',
    // What builds does not itself get built.
    external: ['esbuild'],
    define: { 'import.meta.url': 'undefined' },
    logOverride: { 'empty-import-meta': 'silent' },
    plugins: [
      {
        name: 'patches',
        setup(builder) {
          builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            const mine = patches.filter(({ file }) => path.endsWith(`/packages/${file}`))
            if (mine.length === 0) return undefined
            let contents = await readFile(path, 'utf8')
            for (const patch of mine) {
              const found = contents.split(patch.text).length - 1
              if (found !== 1) throw new Error(`${patch.file} has ${found} places that read: ${patch.text}`)
              contents = contents.replace(patch.text, () => patch.replacement)
              applied.add(patch)
            }
            return { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  const missed = patches.filter((patch) => !applied.has(patch))
  if (missed.length > 0)
    throw new Error(`not part of the program: ${missed.map(({ file }) => file).join(', ')}`)
}
