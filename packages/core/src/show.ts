const longestShown = 80
// A value with more parts than that would be cut anyway.
const mostParts = 40

/** A received value as an error message shows it: short, whatever it is, and at a small cost however large it is. */
export function show(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, longestShown)), value.length)
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return cut(`${value}n`)
  if (typeof value !== 'object' || value === null) return cut(String(value))
  if (ArrayBuffer.isView(value)) return `${nameOf(value)} of ${value.byteLength} bytes`
  try {
    const json = JSON.stringify(value, onlySoMany())
    // Of a Map or a promise, JSON says nothing.
    return json === undefined || (json === '{}' && nameOf(value) !== plain) ? nameOf(value) : cut(json)
  } catch {
    // Too large, a cycle, a BigInt inside, a toJSON that throws.
    return Array.isArray(value) ? `an array of ${value.length}` : nameOf(value)
  }
}

/** Text cut to what is shown; `length` is that of what it stands for. */
function cut(text: string, length: number = text.length): string {
  if (text.length <= longestShown && length <= longestShown) return text
  return `${text.slice(0, longestShown)}… (${length} characters)`
}

/** For JSON.stringify: gives up on a value with too many parts, and shortens long strings in it. */
function onlySoMany(): (key: string, value: unknown) => unknown {
  let parts = 0
  return (_, value) => {
    if (++parts > mostParts) throw new RangeError('too many parts')
    if (ArrayBuffer.isView(value)) return `${nameOf(value)} of ${value.byteLength} bytes`
    return typeof value === 'string' && value.length > longestShown
      ? `${value.slice(0, longestShown)}…`
      : value
  }
}

const plain = 'an object'

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === '' || name === 'Object') return plain
  return `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}`
}
