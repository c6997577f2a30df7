export {
  MemoryNetwork,
  type MemoryNetworkOptions,
  type Message,
  type NetworkedGroup,
} from './memory-network.ts'
