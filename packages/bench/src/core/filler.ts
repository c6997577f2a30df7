/** Makes the value of a key, about so many bytes of JSON or exactly so many bytes. */
export type MakeValue = (key: string) => object

/** JSON of ordinary shapes and about a kilobyte, and plain bytes: each fills memory in its own way. */
export const fillers: Readonly<Record<string, MakeValue>> = {
  'JSON of 1 kB: a record of strings': (key) =>
    Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`field${i}`, `${key}:${i}`.padEnd(64, 'x')])),
  'JSON of 1 kB: rows': (key) =>
    Array.from({ length: 16 }, (_, i) => ({
      id: `${key}:${i}`,
      rank: i,
      isOpen: i % 2 === 0,
      price: i + 0.5,
    })),
  'JSON of 1 kB: small numbers': (key) => Array.from({ length: 500 }, (_, i) => (key.length + i) % 10),
  'JSON of 1 kB: one text': (key) => ({ text: key.padEnd(1000, 'x') }),
  '1 kB of bytes': () => new Uint8Array(1000).fill(1),
  '100 kB of bytes': () => new Uint8Array(100_000).fill(1),
}
