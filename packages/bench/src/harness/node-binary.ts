import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a Node.js: of a release line that the folder `nodes` installs, or the path given. */
export function nodeBinary(which: string): string {
  const path = /^\d+$/.test(which)
    ? fileURLToPath(new URL(`../../nodes/node_modules/node-${which}/bin/node`, import.meta.url))
    : which
  if (!existsSync(path)) throw new RangeError(`--node must be 20, 24 or the path of a node, got ${which}`)
  return path
}
