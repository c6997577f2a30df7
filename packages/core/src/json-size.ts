// What V8 holds on a 64-bit machine: words of 8 bytes, strings of one byte a character unless one of them is beyond
// U+00FF, whole numbers of 32 bits in the place where they are, all others in a box of their own.
const word = 8
const stringHead = 16
const numberBox = 16
const arrayHead = 48
const objectHead = 24
// The names in objects of one shape are held once for all of them. An object with more names than this is taken for a map
// from keys to values, which has them for itself, in a table that costs so much for each of them.
const mostSharedNames = 16
const tableEntry = 48

/**
 * Freezes what JSON.parse made, deeply, and gives the bytes of memory it holds; in one walk, and with a list of its own,
 * for deep values would exhaust the call stack.
 */
export function freezeAndMeasure(root: unknown): number {
  let bytes = sizeOfLeaf(root)
  const names = new Set<string>()
  const open = isObject(root) ? [root] : []
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    Object.freeze(value)
    const children: unknown[] = Array.isArray(value) ? value : Object.values(value)
    if (!Array.isArray(value) && children.length > mostSharedNames) {
      for (const name of Object.keys(value)) names.add(name)
    }
    bytes += (Array.isArray(value) ? arrayHead : objectHead) + word * children.length
    for (const child of children) {
      if (isObject(child)) open.push(child)
      else bytes += sizeOfLeaf(child)
    }
  }
  for (const name of names) bytes += tableEntry + sizeOfLeaf(name)
  return bytes
}

function sizeOfLeaf(value: unknown): number {
  if (typeof value === 'string') return inWords(stringHead + value.length * bytesPerCharacter(value))
  return typeof value === 'number' && value !== (value | 0) ? numberBox : 0
}

function bytesPerCharacter(text: string): 1 | 2 {
  return /^[\0-\xff]*$/.test(text) ? 1 : 2
}

function inWords(bytes: number): number {
  return word * Math.ceil(bytes / word)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
