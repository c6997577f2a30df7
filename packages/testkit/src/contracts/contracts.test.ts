import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Group, type PeerGetter, type PeerPicker } from '@geecache/core'
import { MemoryNetwork } from '@geecache/core/testing'
import { HTTPPool } from '@geecache/http'
import { peerGetterContract } from './peer-getter.ts'
import { peerPickerContract } from './peer-picker.ts'

peerGetterContract('Group.local', async (group) => ({ peer: group.local, close: () => group.close() }))

peerGetterContract('MemoryNetwork', async (group) => {
  const { group: asking, picker } = watched()
  new MemoryNetwork({ ownerOf: () => 'answering' }).join('answering', group).join('asking', asking)
  return { peer: picker().pickPeer('key') as PeerGetter, close: () => group.close() }
})

peerGetterContract('HTTPPool', async (group) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const answering = new HTTPPool(url).register(group)
  server.on('request', answering.handler)
  const asking = new HTTPPool('http://127.0.0.1:1')
  asking.set('http://127.0.0.1:1', url)
  const [peer] = asking.peers()
  return {
    peer: peer as PeerGetter,
    async close() {
      await asking.close()
      server.closeAllConnections()
      server.close()
      await answering.close()
      await group.close()
    },
  }
})

peerPickerContract('MemoryNetwork', async (size) => {
  const network = new MemoryNetwork()
  const members = Array.from({ length: size }, (_, i) => {
    const { group, picker } = watched()
    network.join(`peer-${i}`, group)
    return { name: `peer-${i}`, picker: picker() }
  })
  return { members, shrink: () => network.leave(`peer-${size - 1}`), close: async () => {} }
})

peerPickerContract('HTTPPool', async (size) => {
  const urls = Array.from({ length: size }, (_, i) => `http://127.0.0.1:${8001 + i}`)
  const members = urls.map((name) => {
    const picker = new HTTPPool(name)
    picker.set(...urls)
    return { name, picker }
  })
  return {
    members,
    shrink: () => {
      for (const { picker } of members.slice(0, -1)) picker.set(...urls.slice(0, -1))
    },
    async close() {
      await Promise.all(members.map(({ picker }) => picker.close()))
    },
  }
})

/** A group, and the picker that it is given. */
function watched() {
  let given: PeerPicker | undefined
  const real = new Group<string>({ name: 'scores', maxBytes: 2 ** 20, getter: () => undefined })
  const group = {
    local: real.local,
    registerPeers(peers: PeerPicker) {
      given = peers
      real.registerPeers(peers)
    },
  }
  return { group, picker: () => given as PeerPicker }
}
