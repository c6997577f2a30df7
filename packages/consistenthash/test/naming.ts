/** Ways in which clusters name their nodes: close to each other, in regular steps, long shared beginnings and endings. */
export const namingSchemes: Readonly<Record<string, (node: number) => string>> = {
  'URLs that differ in the port': (node) => `http://10.0.0.1:${8001 + node}`,
  'URLs that differ in the host': (node) => `http://10.0.0.${node}:8001`,
  'letters and digits': (node) => `cache${node}`,
  'pod names': (node) => `cache-${node}.cache-headless.production.svc.cluster.local:8080`,
  'pod names with hashes': (node) =>
    `cache-7d4b9c6f5-${(((node * 7919 + 12345) * 2654435761) % 60466176).toString(36)}`,
  IPv6: (node) => `http://[2001:db8::${(node + 1).toString(16)}]:8080`,
  zones: (node) => `https://eu-${node % 3}.cache.example.com/${Math.floor(node / 3)}`,
  numbers: (node) => `${node}`,
}

export function names(scheme: (node: number) => string, count: number): string[] {
  return Array.from({ length: count }, (_, node) => scheme(node))
}
