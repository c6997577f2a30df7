// Prints what the last run of the lab has skipped, with the reasons; not what applies nowhere.
import { readFileSync } from 'node:fs'

const lines = readFileSync('packages/testkit/.lab/results.jsonl', 'utf8').trim().split('\n')
for (const { id, skipped } of lines.map((line) => JSON.parse(line))) {
  if (skipped !== undefined && !skipped.startsWith('does not apply')) {
    console.log(`case ${id} of the lab: ${skipped}`)
  }
}
