// What a user gets: packs every package, installs the tarballs into an empty project, uses each one from ESM and
// from CJS, and runs every example of the READMEs that is marked ```js run.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname
const names = ['lru', 'consistenthash', 'singleflight', 'core', 'http']

const uses = {
  lru: [
    'LRUCache',
    `const cache = new LRUCache({ maxEntries: 1 }); cache.set('a', 1).valueOf(); cache.set('b', 2); assert.deepEqual([...cache.keys()], ['b'])`,
  ],
  consistenthash: ['HashRing', `assert.equal(new HashRing().add('a').get('key'), 'a')`],
  singleflight: [
    'SingleFlight',
    `new SingleFlight().do('key', () => 1).then((value) => assert.equal(value, 1))`,
  ],
  core: [
    'Group',
    `new Group({ name: 'g', maxBytes: 1e6, getter: (key) => key + '!' }).get('key').then((value) => assert.equal(value, 'key!'))`,
  ],
  http: [
    'HTTPPool',
    `const pool = new HTTPPool('http://127.0.0.1:8001'); pool.set('http://127.0.0.1:8001'); assert.equal(pool.pickPeer('key'), undefined)`,
  ],
}

const project = mkdtempSync(join(tmpdir(), 'geecache-tarballs-'))
try {
  const dependencies = Object.fromEntries(names.map((name) => [`@geecache/${name}`, `file:${pack(name)}`]))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }))
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  for (const name of names) {
    const [symbol, body] = uses[name]
    script(
      `use-${name}.mjs`,
      `import assert from 'node:assert/strict'\nimport { ${symbol} } from '@geecache/${name}'\n${body}\n`,
    )
    script(
      `use-${name}.cjs`,
      `const assert = require('node:assert/strict')\nconst { ${symbol} } = require('@geecache/${name}')\n${body}\n`,
    )
    console.log(`@geecache/${name}: installed from its tarball, used from ESM and from CJS`)
  }
  for (const readme of ['README.md', ...names.map((name) => `packages/${name}/README.md`)]) {
    const examples = [...readFileSync(join(root, readme), 'utf8').matchAll(/^```js run\n(.*?)^```$/gms)]
    if (examples.length === 0) throw new Error(`${readme} has no example marked \`\`\`js run`)
    for (const [index, [, code]] of examples.entries())
      script(`${readme.replaceAll('/', '-')}-${index + 1}.mjs`, code)
    console.log(`${readme}: ${examples.length} example${examples.length === 1 ? ' runs' : 's run'}`)
  }
} finally {
  rmSync(project, { recursive: true, force: true })
}

function pack(name) {
  const target = join(project, 'tarballs', name)
  mkdirSync(target, { recursive: true })
  execFileSync('pnpm', ['pack', '--pack-destination', target], {
    cwd: join(root, 'packages', name),
    stdio: 'ignore',
  })
  return join(target, readdirSync(target)[0])
}

function script(file, code) {
  writeFileSync(join(project, file), code)
  run(process.execPath, [file])
}

function run(command, args) {
  try {
    execFileSync(command, args, { cwd: project, stdio: 'pipe', timeout: 120_000 })
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`)
  }
}
