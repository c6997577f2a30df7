// Of packages without types, what the contestants use.

declare module 'hashring' {
  export default class HashRing {
    constructor(nodes: string[])
    get(key: string): string
    add(node: string): unknown
  }
}

declare module 'consistent-hash' {
  export default class ConsistentHash {
    constructor(options: { distribution: 'uniform' })
    get(key: string): string
    add(node: string): unknown
  }
}

declare module 'node-hashring' {
  export default class HashRing {
    constructor(nodes: string[])
    findNode(key: string): string
    addNode(node: string): unknown
  }
}
