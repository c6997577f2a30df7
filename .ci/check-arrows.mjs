// Dependencies between packages point one way: checked in every package.json and every import of what ships.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const arrows = {
  lru: [],
  consistenthash: [],
  singleflight: [],
  core: ['@geecache/lru', '@geecache/singleflight'],
  http: ['@geecache/core', '@geecache/consistenthash', '@bufbuild/protobuf', 'undici', 'node:'],
}
const complaints = []

for (const [name, allowed] of Object.entries(arrows)) {
  const folder = join(root, 'packages', name)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest
  for (const dependency of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    if (!allowed.includes(dependency))
      complaints.push(`packages/${name}/package.json depends on ${dependency}`)
  }
  for (const file of sources(join(folder, 'src'))) {
    for (const specifier of imports(readFileSync(file, 'utf8'))) {
      const known =
        specifier.startsWith('.') ||
        allowed.some((one) => specifier === one || specifier.startsWith(one.endsWith(':') ? one : `${one}/`))
      if (!known) complaints.push(`${file.slice(root.length)} imports ${specifier}`)
    }
  }
}

if (complaints.length > 0) {
  console.error(`An arrow between packages points where it may not:\n  ${complaints.join('\n  ')}`)
  process.exit(1)
}
console.log(
  `Arrows hold: ${Object.entries(arrows)
    .map(([name, to]) => `${name} -> ${to.join(', ') || 'nothing'}`)
    .join('; ')}`,
)

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file))
    .map((file) => join(folder, file))
}

function imports(text) {
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*|\brequire\(\s*)(['"])([^'"\n]+)\1/g)].map(
    (match) => match[2],
  )
}
